"""How well the embedded voice sings, by tools that share nothing with it.

    pip install pyworld-prebuilt soundfile && pip install --no-deps hama==1.7.0
    python benchmarks/sound/voice_check.py [--bed INSTRUMENTAL.wav --voice-db 3] [--keep DIR]

24 lines are sung by each singer. Figures:

* PER: edit distance between the phonemes that hama hears (a recogniser for speech, offline) and the
  line's own, over the line's length, in a common alphabet of 38 signs. Held vowels are often heard
  twice: 0.3 is what good singing gets, where the same voice speaking gets 0.13.
* identified: the line is nearer to what was heard than each of the 23 others.
* cents: the median distance of pyworld's pitch (harvest) in the middle of each note, from 35 % (at
  most 0.15 s) to 75 % of its time, to the note's pitch; the median over notes, and the share of
  notes within 50.
* CPU: seconds of processor time for each second sung, without loading.

The rules of the voice were fitted to the lines below. Others, that were not:
--lines benchmarks/sound/voice_lines_new.txt --melodies 9100

With --bed the lines are mixed into a recording: --voice-db is their level (RMS) against it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import hama
import numpy as np
import numpy.typing as npt
import pyworld
import soundfile

from pipeline.sketch.voice.grapheme import spoken
from pipeline.sketch.voice.notes import RATE_HZ
from pipeline.sketch.voice.singer import SungLine, SungNote, Timbre, sing
from pipeline.sketch.voice.syllables import syllables

LINES = """\
Streetlights humming on the edge of town
I keep your letter in my winter coat
We were running through the summer rain
Nobody told me it would end this way
Hold me closer when the night is cold
Every river finds its way to the sea
You left your shadow on the kitchen floor
Coffee and smoke in the morning light
Take me back to the house on the hill
All my sorrows are learning to fly
There is a fire burning under the snow
Singing our song to an empty room
Tomorrow I will pack my things and go
Golden leaves are falling on the bridge
Can you hear the thunder in my heart
The radio plays what we used to know
Dancing alone with a ghost of you
Bring me a reason to stay one more day
Oceans between us and miles to go
She paints the ceiling with silver stars
Broken glass and a beautiful lie
Carry me over the mountains tonight
Little bird sitting up on the wire
Time is a thief but I love her still""".splitlines()

# Both alphabets in one; diphthongs by their parts, as the recogniser hears them.
COMMON = {
    "A": "e", "eɪ": "e", "I": "ai", "aɪ": "ai", "O": "o", "oʊ": "o", "W": "au", "aʊ": "au",
    "Y": "oi", "ɔɪ": "oi", "ɛ": "e", "ɪ": "i", "ᵻ": "i", "ʊ": "u", "ʌ": "a", "ɐ": "a", "ɑ": "a",
    "ɒ": "o", "ɔ": "o", "ə": "@", "ᵊ": "@", "ɜ": "E", "ɝ": "Er", "ɚ": "@r", "ɹ": "r", "ɻ": "r",
    "g": "ɡ", "d͡ʒ": "ʤ", "t͡ʃ": "ʧ", "T": "t", "ɾ": "t", "ʔ": "t", "ɫ": "l", "ɪə": "i@", "eə": "e@",
    "ja": "ja", "ju": "ju", "wa": "wa", "we": "we", "wi": "wi", "kʰ": "k", "tʰ": "t", "pʰ": "p",
}  # fmt: skip
SILENT = set('ˈˌː.,!?;:—“”"() ') | {"<wb>", "̃"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A way to sing the lines."""

    name: str
    timbre: Timbre = Timbre.FEMALE
    low: int = 57
    high: int = 69
    bpm: float = 92.0
    dynamics: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the command line asks for."""

    lines: Sequence[str]
    first: int
    bed: npt.NDArray[np.float32] | None
    voice_db: float
    keep: Path | None


TRIALS = (
    Trial(name="female"),
    Trial(name="female, high", low=64, high=72),
    Trial(name="female, 140 bpm", bpm=140.0),
    Trial(name="female, soft", dynamics=0.25),
    Trial(name="female, full", dynamics=0.9),
    Trial(name="male", timbre=Timbre.MALE, low=45, high=57),
    Trial(name="choir", timbre=Timbre.CHOIR),
)


def melody(index: int, trial: Trial, lines: Sequence[str], first: int) -> tuple[SungNote, ...]:
    """A walk on C major: eighths and quarters, some melismas, the last note long."""
    dice = np.random.default_rng(first + index)
    white = (0, 2, 4, 5, 7, 9, 11)
    scale = [pitch for pitch in range(trial.low, trial.high + 1) if pitch % 12 in white]
    place, start_s, beat_s = int(dice.integers(len(scale))), 1.0, 60.0 / trial.bpm
    notes: list[SungNote] = []
    parts = syllables(lines[index])
    for at, syllable in enumerate(parts):
        last = at == len(parts) - 1
        lengths = [0.5, 1.0, 1.0] if syllable.stress else [0.5, 0.5, 0.5, 1.0]
        beats = 2.0 if last else float(dice.choice(lengths))
        pieces = 2 if not last and beats >= 1 and dice.random() < 0.15 else 1
        for piece in range(pieces):
            place = int(np.clip(place + dice.choice([-2, -1, -1, 0, 1, 1, 2]), 0, len(scale) - 1))
            seconds = beats * beat_s / pieces
            notes.append(
                SungNote(
                    start_s=start_s,
                    seconds=seconds,
                    pitch=scale[place],
                    velocity=90,
                    syllable=None if piece else at,
                )
            )
            start_s += seconds
    return tuple(notes)


def common(signs: Sequence[str]) -> str:
    """A phoneme string in the common alphabet."""
    return "".join(COMMON.get(sign, sign[:1]) for sign in signs if sign not in SILENT)


def distance(one: str, other: str) -> int:
    """How many edits lead from one to the other."""
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        before, row[0] = row[0], at
        for to, wanted in enumerate(other, 1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (sign != wanted))
    return row[-1]


def nearest(heard: str, lines: Sequence[str]) -> int:
    """Which of the lines is the nearest to what was heard."""
    near = [distance(heard, line) / max(len(heard), len(line)) for line in lines]
    return int(np.argmin(near))


def cents(
    sound: npt.NDArray[np.float32], begins_s: float, notes: Sequence[SungNote]
) -> list[float]:
    """How far each note's middle is from its pitch, in a sound that begins at ``begins_s``."""
    pitch, times = pyworld.harvest(sound.astype(np.float64), RATE_HZ, f0_floor=70.0, f0_ceil=1000.0)
    times = times + begins_s
    errors = []
    for note in notes:
        start = note.start_s + min(0.35 * note.seconds, 0.15)
        inside = (times >= start) & (times <= note.start_s + 0.75 * note.seconds) & (pitch > 0)
        wanted = 440.0 * 2 ** ((note.pitch - 69) / 12)
        heard = np.median(pitch[inside]) if inside.any() else 1.0
        errors.append(abs(1200.0 * float(np.log2(heard / wanted))))
    return errors


def at_16_khz(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The sound as the recogniser takes it, between silences."""
    padded = np.pad(sound, (4410, 4410 * (2 - len(sound) // 4410 % 2) + 4410 - len(sound) % 4410))
    spectrum = np.fft.rfft(padded)
    size = len(padded) * 160 // 441
    return (np.fft.irfft(spectrum[: size // 2 + 1], size) * size / len(padded)).astype(np.float32)


def over(sung: SungLine, bed: npt.NDArray[np.float32] | None, db: float) -> npt.NDArray[np.float32]:
    """The line in its bed, at a peak of 0.7."""
    sound = sung.samples
    if bed is not None:
        under = np.resize(bed, len(sound))
        level = np.sqrt(np.square(sound).mean() / np.square(under).mean()) / 10 ** (db / 20)
        sound = sound + under * np.float32(level)
    return np.asarray(sound * (0.7 / np.abs(sound).max()), np.float32)


def check(trial: Trial, chosen: Chosen) -> str:
    """One trial's row of the table."""
    lines = chosen.lines
    ear = hama.ASRModel()
    true = [common(list("".join(spoken(line)))) for line in lines]
    rates, errors, found, spent_s, sung_s = [], list[float](), 0, 0.0, 0.0
    for index, line in enumerate(lines):
        notes, parts = melody(index, trial, lines, chosen.first), syllables(line)
        start_s = time.process_time()
        sung = sing(notes, parts, trial.timbre, seed=b"check", dynamics=trial.dynamics)
        spent_s += time.process_time() - start_s
        sung_s += notes[-1].start_s + notes[-1].seconds - notes[0].start_s
        heard = common(ear(at_16_khz(over(sung, chosen.bed, chosen.voice_db)), 16000).phonemes)
        found += nearest(heard, true) == index
        rates.append(distance(heard, true[index]) / len(true[index]))
        errors += cents(sung.samples, notes[0].start_s - sung.lead_s, notes)
        if chosen.keep is not None:
            soundfile.write(chosen.keep / f"{trial.name} {index:02}.wav", sung.samples, RATE_HZ)
    within = float((np.array(errors) < 50).mean())
    return (
        f"| {trial.name} | {np.mean(rates):.2f} | {found}/{len(lines)} | {np.median(errors):.1f} "
        f"| {100 * within:.0f} % | {spent_s / sung_s:.3f} |"
    )


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description="measure the embedded voice")
    arguments.add_argument("--bed", type=Path, help="a recording to sing over")
    arguments.add_argument("--voice-db", type=float, default=0.0)
    arguments.add_argument("--keep", type=Path, help="a folder for the sung lines")
    arguments.add_argument("--lines", type=Path, help="other lines, one a row")
    arguments.add_argument("--melodies", type=int, default=100, help="the first melody's seed")
    given = arguments.parse_args()
    bed = None
    if given.bed is not None:
        bed = soundfile.read(given.bed, dtype="float32", always_2d=True)[0].mean(axis=1)
    chosen = Chosen(
        lines=LINES if given.lines is None else given.lines.read_text("utf-8").splitlines(),
        first=given.melodies,
        bed=bed,
        voice_db=given.voice_db,
        keep=given.keep,
    )
    print("| singer | PER | identified | cents | within 50 | CPU |\n|---|---|---|---|---|---|")  # noqa: T201
    for trial in TRIALS:
        print(check(trial, chosen), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
