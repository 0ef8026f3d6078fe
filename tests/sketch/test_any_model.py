"""A song of any model is sketched: the engine takes the request made of it, and hears it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.adapters.manifest import load_profiles
from pipeline.core.wanted.album import Provider
from pipeline.core.wanted.profile import wire_body
from pipeline.core.wanted.sketch_body import sketch_body
from pipeline.core.wanted.takes import wanted_takes
from pipeline.sketch.contract import parse_body
from pipeline.sketch.genres import Drums
from pipeline.sketch.prompt import Style, Voice, understand
from tests.builders import a_request, a_song, an_album

PROFILES = load_profiles()
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=2500)


def heard(**fields: Any) -> Style:
    body = sketch_body(a_request(**{"audio": None, "lyrics": None, **fields}))
    return understand(body["prompt"], b"seed")


@pytest.mark.parametrize("key", PROFILES, ids=lambda key: "@".join(key))
def test_the_engine_takes_the_sketch_of_every_model(key):
    request = a_request(
        model=key.model,
        lyrics=None,
        audio=None if not PROFILES[key].takes("audio") else a_request().audio,
        length_s=30 if PROFILES[key].takes("length_s") else None,
    )
    album = an_album([a_song(request=request, contract=key.contract)], provider=Provider.SKETCH)
    (take,) = wanted_takes(album, PROFILES)
    assert take.model == key.model
    assert parse_body(take.body_json.encode()).model == "minimax/music-2.6"


def test_a_song_of_the_engines_own_model_is_sketched_from_what_would_be_bought():
    request = a_request()
    (profile,) = (each for key, each in PROFILES.items() if key == (request.model, "default"))
    assert sketch_body(request) == wire_body(profile, request)


@given(texts, texts.filter(lambda text: len(text) <= 2000))
def test_no_text_is_too_short_or_too_long_to_be_sketched(prompt: str, lyrics: str):
    body = sketch_body(a_request(prompt=prompt, lyrics=lyrics, length_s=5, audio=None))
    assert parse_body(json.dumps(body).encode())


@pytest.mark.parametrize(("length_s", "target_s"), [(45, 45), (120, 120), (300, 290), (1, 20)])
def test_a_length_is_heard_as_far_as_the_engine_goes(length_s: int, target_s: float):
    assert heard(prompt="a 3:10 waltz", length_s=length_s).target_s == target_s


def test_an_instrumental_is_not_sung():
    assert heard(prompt="female vocal, slow waltz", instrumental=True).voice is Voice.NONE


def test_what_a_negative_prompt_names_is_not_played():
    assert heard(prompt="loud rock", negative_prompt="drums, crowd noise").drums is Drums.NONE
