from decimal import Decimal

import pytest

from pipeline.core.purchase.attempt import ref_of
from pipeline.core.sound.album_loudness import AlbumLoudness, album_loudness
from pipeline.core.sound.loudness import LoudnessHistogram, album_lufs, histogram, integrated_lufs
from pipeline.core.sound.measurement import (
    Measurement,
    measurement_document,
    measurement_of,
    understood,
)
from pipeline.core.sound.quality import findings
from pipeline.core.sound.replay_gain import replay_gain
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.album import AudioFormat, AudioSetting, Provider
from pipeline.core.wanted.digest import canonical_json, identity_of
from tests.builders import a_request, an_attempt, an_audio
from tests.core.attempts import checksum


def power(lufs: float) -> float:
    return 10 ** ((lufs + 0.691) / 10)


def a_measurement(lufs: float = -14.0, **fields) -> Measurement:
    """A song of three minutes that nothing can be said against."""
    powers = [power(lufs)] * 1800
    made = {
        "is_decodable": True,
        "milliseconds": 180_000,
        "sample_rate_hz": 44_100,
        "channels": 2,
        "head_silence_ms": 30,
        "tail_silence_ms": 800,
        "end_level_dbfs": Decimal("-58.1"),
        "true_peak": Decimal("0.891251"),
        "loudness_lufs": integrated_lufs(powers),
        "blocks": histogram(powers),
    }
    return Measurement(**{**made, **fields})


def codes(measurement: Measurement, album: AlbumLoudness | None = None, **fields) -> list[str]:
    return [found.code.value for found in findings(an_attempt(**fields), measurement, album)]


def asking(**fields) -> str:
    return canonical_json(
        identity_of(a_request(**fields), provider=Provider.AIMLAPI, take=1, revision=0)
    )


def test_an_ordinary_take_needs_no_ear():
    assert codes(a_measurement()) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"head_silence_ms": 2000}, "silent-head"),
        ({"tail_silence_ms": 3001}, "silent-tail"),
        ({"end_level_dbfs": Decimal("-21.0")}, "abrupt-end"),
        ({"clipped_runs": 1, "longest_clip_samples": 12}, "clipping"),
        ({"clipped_runs": 31, "longest_clip_samples": 3}, "clipping"),
        ({"true_peak": Decimal("1.002000")}, "true-peak"),
        ({"loudness_lufs": Decimal("-30.01")}, "quiet"),
        ({"silent_channels": 1}, "one-sided"),
        ({"silent_channels": 2}, "silent"),
        ({"channels": 1}, "mono"),
        ({"sample_rate_hz": 48_000}, "other-rate"),
        ({"is_decodable": False}, "undecodable"),
    ],
)
def test_each_thing_that_a_person_should_hear_is_found(fields, code: str):
    assert codes(a_measurement(**fields)) == [code]


@pytest.mark.parametrize(
    "fields",
    [
        {"head_silence_ms": 1000},
        {"tail_silence_ms": 3000},
        {"end_level_dbfs": Decimal("-40.0")},
        {"clipped_runs": 30, "longest_clip_samples": 11},
        {"true_peak": Decimal("1.000000")},
        {"loudness_lufs": Decimal("-30.00")},
    ],
)
def test_what_lies_on_the_limit_is_no_finding(fields):
    assert codes(a_measurement(**fields)) == []


def test_another_format_than_asked_is_found():
    audio = an_audio(format="wav")
    assert codes(a_measurement(), audio=audio) == ["other-format"]


def test_raw_samples_cannot_have_another_rate():
    asked = AudioSetting(format=AudioFormat.PCM, sample_rate=16_000, bitrate=256_000)
    attempt = {"identity_json": asking(audio=asked), "audio": an_audio(format="pcm")}
    assert codes(a_measurement(), **attempt) == []


@pytest.mark.parametrize(
    ("length_s", "found"), [(180, []), (190, []), (170, []), (120, ["other-length"])]
)
def test_a_length_is_compared_where_one_was_asked_for(length_s: int, found: list[str]):
    assert codes(a_measurement(), identity_json=asking(length_s=length_s)) == found


def test_nothing_more_is_said_of_silence():
    silence = a_measurement(silent_channels=2, head_silence_ms=9000, tail_silence_ms=9000)
    assert codes(silence) == ["silent"]


def test_a_track_that_is_far_from_its_album_stands_out():
    album = album_loudness({ref_of("album", song, 1): a_measurement(-12) for song in "abc"})
    assert album is not None
    assert codes(a_measurement(-18.5), album) == ["off-album"]
    assert codes(a_measurement(-17.5), album) == []


def test_an_album_is_as_loud_as_its_tracks_in_a_row():
    loud, soft = [power(-10)] * 600, [power(-16)] * 600
    together = album_lufs(filter(None, (histogram(loud), histogram(soft))))
    exact = integrated_lufs(loud + soft)
    assert together is not None
    assert exact is not None
    assert abs(together - exact) <= Decimal("0.05")


def test_a_silent_half_does_not_make_an_album_quieter():
    found = histogram([power(-14)] * 100)
    assert found is not None
    quiet = LoudnessHistogram(first_tenths=-500, counts=(100,))
    assert album_lufs([found, quiet]) == album_lufs([found])


def test_the_loudness_of_an_album_of_one_is_its_tracks():
    measured = a_measurement(-13.37)
    album = album_loudness({an_attempt().ref: measured})
    assert album is not None
    assert album.lufs == measured.loudness_lufs == Decimal("-13.37")
    assert album.spread_lu == 0


def test_gains_bring_a_track_to_18_lufs_in_the_forms_of_the_specification():
    album = album_loudness({an_attempt().ref: a_measurement(-21.5)})
    assert replay_gain(a_measurement(-14.79), album) == (
        ("REPLAYGAIN_TRACK_GAIN", "-3.21 dB"),
        ("REPLAYGAIN_TRACK_PEAK", "0.891251"),
        ("REPLAYGAIN_ALBUM_GAIN", "3.50 dB"),
        ("REPLAYGAIN_ALBUM_PEAK", "0.891251"),
    )


def test_silence_and_what_was_not_measured_have_no_gain():
    album = album_loudness({an_attempt().ref: a_measurement()})
    assert replay_gain(None, album) == ()
    assert replay_gain(a_measurement(loudness_lufs=None, blocks=None), album) == ()


def test_a_measurement_is_the_same_after_it_was_written_down():
    measured = a_measurement(-9.5)
    assert measurement_of(measurement_document(measured)) == measured
    nothing = Measurement(is_decodable=False)
    assert measurement_of(measurement_document(nothing)) == nothing


def test_measurements_of_another_version_are_not_believed():
    document = {**measurement_document(a_measurement()), "version": 99}
    assert understood({checksum("one"): document}) == {}


def test_documents_hold_no_number_that_could_print_in_two_ways():
    def numbers(found):
        for each in found.values() if isinstance(found, dict) else found:
            if isinstance(each, (dict, list)):
                yield from numbers(each)
            elif isinstance(each, float):
                yield each

    assert list(numbers(measurement_document(a_measurement()))) == []


@pytest.mark.parametrize(
    "change",
    [
        {"channels": -1}, {"channels": 2.0}, {"true_peak": None}, {"true_peak": "nan"},
        {"loudness_lufs": -14}, {"blocks": {"first_tenths": 1, "counts": []}},
        {"blocks": {"first_tenths": "1", "counts": [1]}}, {"blocks": [1]}, {"is_decodable": 1},
        {"blocks": {"first_tenths": 1, "counts": [-1]}}, {"clipped_runs": True},
    ],
)  # fmt: skip
def test_a_document_that_no_measurer_wrote_is_refused(change):
    with pytest.raises(ValueError, match=r"."):
        measurement_of({**measurement_document(a_measurement()), **change})


def test_a_take_that_was_not_measured_is_neither_good_nor_bad():
    listening = Listening(measurements={}, albums={})
    attempt = an_attempt()
    assert listening.findings(attempt, attempt.ref) is None
    assert listening.fields(attempt, attempt.ref) is None
