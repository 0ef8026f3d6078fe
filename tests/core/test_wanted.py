from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.core.purchase.attempt import asked_of
from pipeline.core.purchase.budget import refusal
from pipeline.core.wanted.album import AudioFormat, AudioSetting, Provider
from pipeline.core.wanted.takes import reserved_microusd, wanted_takes
from tests.builders import PROFILE, a_request, a_song, an_album, an_attempt, takes_of


@pytest.mark.parametrize(
    ("known", "said", "reserved"),
    [
        ("0.195", None, 195_000),
        (None, "0.06", 60_000),
        ("0.195", "0.25", 250_000),
        ("0.195", "0.001", 195_000),
    ],
)
def test_the_dearer_of_two_known_prices_is_reserved(known, said, reserved):
    profile = replace(PROFILE, price_usd=known and Decimal(known))
    assert reserved_microusd(a_song(price_usd=said and Decimal(said)), profile) == reserved


def test_no_budget_has_room_for_what_has_no_price():
    unpriced = replace(PROFILE, price_usd=None)
    (take,) = wanted_takes(an_album(), {unpriced.key: unpriced})
    assert refusal(
        price_microusd=take.price_microusd,
        album_committed_microusd=0,
        album_cap_microusd=100_000 * 1_000_000,
        run_reserved_microusd=0,
        run_cap_microusd=None,
    )
    (sketch,) = wanted_takes(an_album(provider=Provider.SKETCH), {unpriced.key: unpriced})
    assert sketch.price_microusd == 0


def test_a_take_of_a_model_without_an_audio_setting_expects_no_format():
    (take,) = takes_of(an_album([a_song(request=a_request(audio=None))]))
    assert take.audio is None
    assert "audio" not in take.identity_json
    assert asked_of(an_attempt(identity_json=take.identity_json)) is None


def test_what_an_attempt_asked_for_is_read_from_its_identity():
    (take,) = takes_of(an_album())
    expected = AudioSetting(format=AudioFormat.MP3, sample_rate=44100, bitrate=256000)
    assert asked_of(an_attempt(identity_json=take.identity_json)) == expected


@pytest.mark.parametrize("said", ["{}", '{"request":{"audio.format":"flac"}}'])
def test_an_imported_attempt_that_does_not_say_what_it_asked_for_expects_nothing(said: str):
    assert asked_of(an_attempt(identity_json=said)) is None
