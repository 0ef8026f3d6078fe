"""Every model's profile: whole, in step with its own request schema, and known to the manifest."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pipeline.adapters.manifest import load_album_schema, load_profiles
from pipeline.adapters.manifest.model_choice import DEFAULT_MODEL
from pipeline.adapters.manifest.model_words import MODEL_WORDS
from pipeline.adapters.manifest.schema_files import schemas_folder
from pipeline.adapters.manifest.validators import strict_validator
from pipeline.core.wanted.album import DEFAULT_CONTRACT, AudioFormat, AudioSetting
from pipeline.core.wanted.profile import Profile, ProfileKey, neutral_fields, wire_body
from tests.adapters.manifest_files import SONG, album_of, errors, load, manifest, only_song
from tests.builders import a_request

PROFILES = load_profiles()
FILES = sorted((schemas_folder() / "profiles").glob("*.json"))
PROMPT = "a quiet piano waltz"
WAV = AudioSetting(format=AudioFormat.WAV, sample_rate=32000, bitrate=128000)
EVERYTHING = a_request(
    prompt=PROMPT, audio=WAV, negative_prompt="drums", length_s=30, seed=7, steps=50
)

every_profile = pytest.mark.parametrize("key", PROFILES, ids=lambda key: "@".join(key))


def asked(profile: Profile, **fields: Any) -> Any:
    """As much as this model can be asked at once."""
    everything = {
        "lyrics": EVERYTHING.lyrics,
        "audio": EVERYTHING.audio,
        "negative_prompt": EVERYTHING.negative_prompt,
        "length_s": EVERYTHING.length_s,
        "seed": EVERYTHING.seed,
        "steps": EVERYTHING.steps,
    }
    taken = {word: part if profile.takes(word) else None for word, part in everything.items()}
    return replace(EVERYTHING, model=profile.model, **{**taken, **fields})


def complaints(profile: Profile, body: dict[str, Any]) -> list[Any]:
    return list(strict_validator(profile.request_schema).iter_errors(body))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_profile_file_is_as_its_schema_says_and_named_for_its_model(file: Path):
    schema = json.loads((schemas_folder() / "profile.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    document = json.loads(file.read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    contract = document["contract"]
    suffix = "" if contract == DEFAULT_CONTRACT else f"--{contract}"
    assert file.stem == document["model"].replace("/", "--") + suffix
    for wrong in (
        {**document, "price": 0.195},
        {**document, "price": {"usd": "0.195", "per": "minute"}},
        {**document, "wire": {**document["wire"], "tempo": "bpm"}},
        {**document, "request": {"type": 7}},
        {name: part for name, part in document.items() if name != "contract"},
    ):
        assert list(Draft202012Validator(schema).iter_errors(wrong))


@every_profile
def test_a_profile_sends_what_its_request_schema_knows_and_no_other_field(key: ProfileKey):
    profile = PROFILES[key]
    tops = {wire.split(".")[0] for wire in profile.wire.values()}
    assert tops == profile.request_schema["properties"].keys()
    assert profile.scale.keys() | profile.defaults.keys() <= profile.wire.keys()
    assert profile.request_schema["properties"]["model"] == {"const": profile.model}
    assert neutral_fields(asked(profile)).keys() <= profile.wire.keys()


@every_profile
def test_a_request_schema_takes_a_small_body_and_a_full_one_and_refuses_broken_ones(
    key: ProfileKey,
):
    profile = PROFILES[key]
    needed = profile.request_schema["required"]
    small = {name: part for name, part in wire_body(profile, asked(profile)).items()
             if name in {*needed, "prompt"}}  # fmt: skip
    assert complaints(profile, small) == []
    assert complaints(profile, wire_body(profile, asked(profile))) == []
    broken = [{**small, "model": "another"}, {**small, "prompt": 12}, {**small, "tempo": 92}, {}]
    broken += [{name: part for name, part in small.items() if name != gone} for gone in needed]
    for name in profile.wire:
        low, high = profile.limit(name, "minimum"), profile.limit(name, "maximum")
        scale = profile.scale.get(name, 1)
        broken += [{**small, profile.wire[name]: bound * scale + step}
                   for bound, step in ((low, -1), (high, 1)) if bound is not None]  # fmt: skip
    assert [body for body in broken if not complaints(profile, body)] == []


def test_the_later_contract_refuses_what_excludes_each_other():
    later = PROFILES[ProfileKey(DEFAULT_MODEL, "2026-04")]
    body = {"model": DEFAULT_MODEL, "prompt": PROMPT}
    assert complaints(later, {**body, "is_instrumental": True}) == []
    assert complaints(later, {**body, "lyrics_optimizer": True}) == []
    for both in (
        {"is_instrumental": True, "lyrics": "[Verse] la la la"},
        {"lyrics_optimizer": True, "lyrics": "[Verse] la la la"},
        {"is_instrumental": True, "lyrics_optimizer": True},
    ):
        assert complaints(later, {**body, **both})


WIRE = {
    ("minimax/music-2.0", "default"): {
        "prompt": PROMPT,
        "lyrics": EVERYTHING.lyrics,
        "audio_setting": {"format": "wav", "audio_sample_rate": 32000, "bitrate": 128000},
    },
    ("elevenlabs/eleven_music", "default"): {
        "prompt": f"{PROMPT}\n\n{EVERYTHING.lyrics}",
        "music_length_ms": 30000,
    },
    ("google/lyria2", "default"): {"prompt": PROMPT, "negative_prompt": "drums", "seed": 7},
    ("stable-audio", "default"): {"prompt": PROMPT, "seconds_total": 30, "steps": 50},
}


@pytest.mark.parametrize("key", WIRE, ids=lambda key: key[0])
def test_a_request_is_sent_in_the_words_of_its_model(key: tuple[str, str]):
    profile = PROFILES[ProfileKey(*key)]
    assert wire_body(profile, asked(profile)) == {"model": key[0], **WIRE[key]}


def test_the_two_contracts_of_one_model_send_one_request_in_two_spellings():
    first, later = (PROFILES[ProfileKey(DEFAULT_MODEL, name)] for name in ("default", "2026-04"))
    one, other = (wire_body(profile, asked(profile)) for profile in (first, later))
    setting = one.pop("audio_setting")
    renamed = {**setting, "audio_sample_rate": setting["sample_rate"]}
    del renamed["sample_rate"]
    assert other.pop("audio_setting") == renamed
    assert one == other


def test_profiles_are_found_by_model_with_the_default_contract_first():
    assert ProfileKey(DEFAULT_MODEL) in PROFILES
    models = [key.model for key in PROFILES]
    assert models == sorted(models)
    assert {key.model for key in PROFILES if key.contract == DEFAULT_CONTRACT} == set(models)


def test_a_price_that_nobody_published_is_unknown():
    priced = {key.model for key, profile in PROFILES.items() if profile.price_usd is not None}
    assert priced == {DEFAULT_MODEL}
    assert PROFILES[ProfileKey(DEFAULT_MODEL)].price_usd == Decimal("0.195")


def test_the_manifests_schema_names_every_model_and_every_contract():
    words = load_album_schema()["$defs"]
    for key in PROFILES:
        assert key.model in words["model"]["description"]
        assert key.model in words["model"]["examples"]
        assert key.contract in words["contract"]["description"]


def test_every_word_that_only_some_models_take_is_taken_by_one_and_not_by_another():
    for word in MODEL_WORDS:
        assert len({profile.takes(word) for profile in PROFILES.values()}) == 2


# From a manifest


def test_a_model_without_an_audio_setting_is_asked_for_none(tmp_path: Path):
    song = only_song(tmp_path, f"title: A\nprompt: {PROMPT}\nmodel: google/lyria2")
    assert song.request.audio is None
    assert song.request.lyrics is None


def test_a_length_that_is_left_out_is_the_models_and_spelling_it_out_changes_nothing(
    tmp_path: Path,
):
    fields = f"title: A\nprompt: {PROMPT}\nmodel: elevenlabs/eleven_music\n"
    silent, spelled = only_song(tmp_path, fields), only_song(tmp_path, fields + "length_s: 10")
    assert silent.request == spelled.request
    assert silent.request.length_s == 10


def test_which_contract_is_chosen_is_not_part_of_the_request(tmp_path: Path):
    first, later = (
        album_of(tmp_path, f"album: {{title: A}}\n{top}\nsongs:\n  one: {SONG}\n").songs[0]
        for top in ("", "defaults: {contract: 2026-04}")
    )
    assert (first.contract, later.contract) == ("default", "2026-04")
    assert first.request == later.request


def test_a_song_goes_back_to_the_default_contract(tmp_path: Path):
    fields = f'title: A\nprompt: {PROMPT}\nlyrics: "[Verse] la la la"\ncontract: default'
    assert only_song(tmp_path, fields, top="defaults: {contract: 2026-04}").contract == "default"


def test_a_price_is_only_needed_by_who_buys(tmp_path: Path):
    fields = f"title: A\nprompt: {PROMPT}\nmodel: google/lyria2"
    assert load(tmp_path, manifest(fields)).album is not None
    [(line, column, message)] = errors(load(tmp_path, "provider: aimlapi\n" + manifest(fields)))
    assert (line, column) == (8, 12)
    assert message.startswith("one: what google/lyria2 costs is not known")
    priced = manifest(fields, top="provider: aimlapi\ndefaults: {price_usd: 0.06}")
    assert album_of(tmp_path, priced).songs[0].price_usd == Decimal("0.06")


def test_a_negative_prompt_is_sent_without_spaces_around_it(tmp_path: Path):
    fields = f'title: A\nprompt: {PROMPT}\nmodel: google/lyria2\nnegative_prompt: " drums "'
    assert only_song(tmp_path, fields).request.negative_prompt == "drums"
