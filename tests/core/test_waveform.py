import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.lock.document import MARKER
from pipeline.core.lock.salvage import salvage
from pipeline.core.sound.measurement import (
    MEASURER_VERSION,
    Measurement,
    completed,
    is_complete,
    measurement_document,
    measurement_of,
    prevailing,
)
from pipeline.core.sound.waveform import HIGHEST, SLICES, decode, encode
from tests.core.attempts import attempt_at, checksum
from tests.core.test_lock_document import ONE, read, text_of
from tests.core.test_quality import a_measurement

LOUD, SOFT = "_" * SLICES, "B" * SLICES
ANCIENT = measurement_document(a_measurement(waveform=None))


def test_what_is_written_is_read_within_half_a_step():
    peaks = [place / (SLICES - 1) for place in range(SLICES)]
    read_back = decode(encode(peaks))
    assert (read_back[0], read_back[-1]) == (0, HIGHEST)
    for peak, found in zip(peaks, read_back, strict=True):
        assert abs(peak * HIGHEST - found) <= 0.5


def test_signs_are_those_of_base64_for_urls():
    text = encode([place % 64 / HIGHEST for place in range(SLICES)])
    octets = base64.urlsafe_b64decode(text)
    assert [octets[0] >> 2, (octets[0] & 3) << 4 | octets[1] >> 4] == [0, 1]
    assert base64.urlsafe_b64encode(octets).decode() == text


def test_what_is_above_full_scale_counts_as_full_scale():
    assert encode([1.0, 1.5, float("inf")] + [0.0] * (SLICES - 3)) == "___" + "A" * (SLICES - 3)


@pytest.mark.parametrize("peaks", [[], [0.5] * 239, [-0.1] * 240, [float("nan")] * 240])
def test_what_are_no_peaks_is_refused(peaks):
    with pytest.raises(ValueError, match="240 peaks"):
        encode(peaks)


@pytest.mark.parametrize("text", ["", "A" * 239, "A" * 241, "A" * 239 + "\n", "+" * 240, "Ä" * 240])
def test_what_is_no_waveform_makes_no_measurement(text: str):
    with pytest.raises(ValueError, match="waveform"):
        decode(text)
    with pytest.raises(ValueError, match="waveform"):
        measurement_of({**ANCIENT, "waveform": text})


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, HIGHEST), min_size=SLICES, max_size=SLICES))
def test_every_waveform_survives_its_document(heights: list[int]):
    text = encode([height / HIGHEST for height in heights])
    found = measurement_of(measurement_document(a_measurement(waveform=text)))
    assert found.waveform == text
    assert decode(text) == tuple(heights)


def test_a_measurement_from_before_there_were_waveforms_is_read_and_written_as_it_was():
    assert "waveform" not in ANCIENT
    assert measurement_of(ANCIENT).waveform is None
    assert measurement_document(measurement_of(ANCIENT)) == ANCIENT


def test_measuring_again_adds_a_waveform_and_changes_no_digit_of_what_is_known():
    here = measurement_document(a_measurement(lufs=-14.01, waveform=LOUD))
    assert completed(ANCIENT, here) == {**ANCIENT, "waveform": LOUD}
    assert completed(None, here) == here
    assert completed(here, measurement_document(a_measurement(waveform=SOFT))) == here
    undecodable = measurement_document(Measurement(is_decodable=False))
    assert completed(ANCIENT, undecodable) == ANCIENT


def test_only_what_lacks_a_waveform_is_measured_again():
    later = {"version": MEASURER_VERSION + 1}
    undecodable = measurement_document(Measurement(is_decodable=False))
    whole = {**ANCIENT, "waveform": LOUD}
    assert [is_complete(each) for each in (ANCIENT, whole, undecodable, later)] == [
        False, True, True, True,
    ]  # fmt: skip


def test_of_two_measurements_everybody_keeps_the_one_with_a_waveform():
    louder = measurement_document(a_measurement(lufs=-13.9))
    whole = {**max(ANCIENT, louder, key=str), "waveform": LOUD}
    other = min(ANCIENT, louder, key=str)
    assert prevailing({"a": whole}, {"a": other}) == {"a": whole}
    assert prevailing({"a": other}, {"a": whole}) == {}


def test_of_both_sides_of_a_conflict_the_waveform_is_kept():
    name = checksum("a")
    whole = {**ANCIENT, "waveform": LOUD}
    sides = [text_of(attempt_at(ONE), measurements={name: each}) for each in (whole, ANCIENT)]
    for ours, theirs in (sides, sides[::-1]):
        text = f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n"
        assert MARKER.search(text)
        found = salvage(text, album="album")
        assert (found.measurements, found.unread) == ({name: whole}, ())


def test_a_measurement_with_its_waveform_is_one_line_of_the_lock():
    measured = {checksum("a"): {**ANCIENT, "waveform": LOUD}}
    text = text_of(attempt_at(ONE), measurements=measured)
    assert [LOUD in line for line in text.splitlines()].count(True) == 1
    assert read(text).measurements == measured
