from __future__ import annotations

import numpy as np
import pytest

from pipeline.sketch.voice.decoder import decoder
from pipeline.sketch.voice.frames import laid_out
from pipeline.sketch.voice.notes import by_syllable
from pipeline.sketch.voice.singer import SungNote, Timbre, sing
from pipeline.sketch.voice.syllables import syllables
from pipeline.sketch.voice.timing import Kind, sounds
from tests.sketch.voice.lines import cents_off, heard_hz, line, part, periodicity

SEED = b"test"


def rms(sound: np.ndarray[tuple[int], np.dtype[np.float32]]) -> float:
    return float(np.sqrt(np.square(sound.astype(np.float64)).mean()))


@pytest.mark.parametrize(
    ("timbre", "shift"), [(Timbre.FEMALE, 0), (Timbre.MALE, -12), (Timbre.CHOIR, 0)]
)
def test_every_singer_is_in_tune(timbre: Timbre, shift: int) -> None:
    notes, parts = line(pitches=tuple(pitch + shift for pitch in (60, 62, 64, 67, 65, 62)))
    errors = np.abs(cents_off(sing(notes, parts, timbre, seed=SEED, dynamics=0.5), notes))
    assert np.median(errors) <= 12
    assert (errors < 50).mean() >= 0.9


def test_a_vowel_begins_on_its_note() -> None:
    _, parts = line("Tah pack key tool")
    notes = tuple(
        SungNote(start_s=2.0 + index, seconds=0.5, pitch=60, velocity=90, syllable=index)
        for index in range(4)
    )
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    for note in notes:
        near = part(sung, notes, note.start_s - 0.25, note.start_s + 0.25)
        low = np.fft.rfft(near)
        low[600:] = 0.0  # above 1200 Hz
        loud = np.convolve(np.abs(np.fft.irfft(low, len(near))), np.ones(441), "same")
        begins_s = int(np.argmax(loud > 0.5 * loud.max())) / 44100 - 0.25
        assert abs(begins_s) < 0.03


def test_consonants_sound_before_the_first_note() -> None:
    notes, parts = line("Street lights")
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    before = part(sung, notes, notes[0].start_s - 0.2, notes[0].start_s - 0.05)
    assert sung.lead_s > 0.3
    assert rms(before) > 0.01


def test_a_melisma_moves_on_one_vowel() -> None:
    (word,) = syllables("love")
    notes = tuple(
        SungNote(
            start_s=0.5 * index,
            seconds=0.5,
            pitch=pitch,
            velocity=90,
            syllable=None if index else 0,
        )
        for index, pitch in enumerate((60, 64, 67, 62))
    )
    sung = sing(notes, (word,), Timbre.FEMALE, seed=SEED, dynamics=0.5)
    assert max(np.abs(cents_off(sung, notes))) < 50
    for note in notes[1:]:
        across = part(sung, notes, note.start_s - 0.04, note.start_s + 0.04)
        assert rms(across) > 0.03


def test_every_held_vowel_is_heard_to_its_end() -> None:
    notes, parts = line("Pack the close let it go back now", pitches=(62, 60), seconds=0.9)
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    for note in notes:
        core = part(sung, notes, note.start_s + 0.15, note.start_s + 0.6)
        blocks = [rms(block) for block in np.array_split(core, 6)]
        assert min(blocks) > 0.02
        assert min(blocks) > 0.25 * max(blocks)


def test_no_vowel_is_taken_for_a_pause() -> None:
    notes, parts = line("Tomorrow I will pack my things and go", seconds=0.6)
    layout = laid_out(sounds(by_syllable(notes, parts)))
    pitch_hz = np.full(layout.given, 262.0)
    strength = decoder().timbres(layout, pitch_hz).strength()
    vowels = [span for span in layout.spans if span.sound.kind is Kind.VOWEL]
    strongest = [strength[span.given_start : span.given_end].max() for span in vowels]
    assert min(strongest) > np.median(strongest) - 1.6  # 14 dB


def test_held_vowels_are_clear_of_noise() -> None:
    notes, parts = line("Pack the close let it go back now", pitches=(62, 60), seconds=0.9)
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    for note in notes:
        core = part(sung, notes, note.start_s + 0.12, note.start_s + 0.2)
        assert periodicity(core, note.pitch) > 0.9


def test_long_notes_have_vibrato_that_comes_late() -> None:
    notes, parts = line("Fly", pitches=(62,), seconds=2.4)
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.6)

    def swing(start_s: float, end_s: float) -> float:
        steps = np.arange(start_s, end_s, 0.02)
        curve = [heard_hz(part(sung, notes, 2.0 + at, 2.0 + at + 0.045)) for at in steps]
        return float(1200 * np.log2(np.max(curve) / np.min(curve)))

    assert swing(0.12, 0.32) < 25
    assert 30 < swing(1.0, 1.9) < 110


def test_a_rest_is_silent() -> None:
    notes, parts = line("Now then", pitches=(62,), seconds=0.4)
    late = SungNote(start_s=4.0, seconds=0.5, pitch=62, velocity=90, syllable=1)
    sung = sing((notes[0], late), parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    assert rms(part(sung, notes, 2.7, 3.6)) < 0.001
    assert rms(part(sung, notes, 4.1, 4.3)) > 0.04


def test_stronger_is_louder_and_brighter() -> None:
    notes, parts = line()

    def measured(dynamics: float) -> tuple[float, float]:
        sound = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=dynamics).samples
        power = np.abs(np.fft.rfft(sound)) ** 2
        hertz = np.fft.rfftfreq(len(sound), 1 / 44100)
        return rms(sound), float(power[(hertz > 2000) & (hertz < 5000)].sum() / power.sum())

    soft, full = measured(0.2), measured(0.9)
    assert full[0] > 1.6 * soft[0]
    assert full[1] > 1.3 * soft[1]


def test_a_whisper_has_no_pitch() -> None:
    notes, parts = line("Ah", pitches=(62,), seconds=1.0)
    whispered = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.0)
    sung = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5)
    assert heard_hz(part(whispered, notes, 2.3, 2.6)) == 0.0
    assert heard_hz(part(sung, notes, 2.3, 2.6)) == pytest.approx(293.7, rel=0.02)


def test_another_seed_is_another_performance_of_the_same_length() -> None:
    notes, parts = line("Ah na na")
    one, same, other = (
        sing(notes, parts, Timbre.FEMALE, seed=seed, dynamics=0.5).samples
        for seed in (b"1", b"1", b"2")
    )
    assert np.array_equal(one, same)
    assert len(one) == len(other)
    assert not np.array_equal(one, other)


def test_nothing_clicks_at_an_edge() -> None:
    notes, parts = line("Every tick takes part", seconds=0.3)
    samples = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=1.0).samples
    assert abs(float(samples[0])) < 1e-3
    assert abs(float(samples[-1])) < 1e-3
    assert np.isfinite(samples).all()
    assert abs(float(samples.mean())) < 1e-3


@pytest.mark.parametrize("pitch", [24, 36, 84, 100])
def test_notes_out_of_range_are_sung_all_the_same(pitch: int) -> None:
    notes, parts = line("La la", pitches=(pitch,))
    samples = sing(notes, parts, Timbre.FEMALE, seed=SEED, dynamics=0.5).samples
    assert np.isfinite(samples).all()
    assert rms(samples) > 0.01


def test_no_notes_give_no_sound() -> None:
    sung = sing((), (), Timbre.FEMALE, seed=SEED, dynamics=0.5)
    assert (len(sung.samples), sung.lead_s) == (0, 0.0)


def test_notes_may_overlap_crowd_and_start_with_a_melisma() -> None:
    _, parts = line("Strengths twelfths")
    notes = tuple(
        SungNote(start_s=0.06 * index, seconds=0.5, pitch=60, velocity=127, syllable=syllable)
        for index, syllable in enumerate((None, 0, 1, None))
    )
    samples = sing(notes, parts, Timbre.MALE, seed=SEED, dynamics=0.5).samples
    assert np.isfinite(samples).all()
    assert rms(samples) > 0.01
