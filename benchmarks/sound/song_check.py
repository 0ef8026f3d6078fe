"""How whole songs sound, by tools that share nothing with the engine.

    pip install pyworld-prebuilt soundfile pyloudnorm && pip install --no-deps hama==1.7.0
    python benchmarks/sound/song_check.py [--genre HOUSE …] [--lines FILE] [--keep DIR]

A song of each genre is sung, half of them by a man: two verses and a chorus that returns, twelve
lines out of 24. Everything is measured in what a player decodes. Figures:

* stem, mix: lines that hama's phonemes tell from the 23 others, on the lead's stem and in the
  finished mp3 at 128 kbit/s, each cut out by the score with 0.3 s to either side; then the share of
  phonemes that are wrong.
* cents, in 50: median distance of pyworld's pitch from the notes on the stem, and notes within 50.
* LUFS (pyloudnorm), dBTP (four times oversampled), DC, samples at full scale: the worst of mp3 at
  64, 128 and 256 kbit/s and wav.
* each chorus over the verse before it, the least of all choruses and files: loudness (RMS, dB),
  width (sides against the middle, dB), brightness (as a factor, the lesser of the mean spectrum's
  centroid and the mean centroid of short frames).
* CPU: seconds to render the song, without loading, and for two minutes of it.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import hama
import numpy as np
import numpy.typing as npt
import pyloudnorm
import soundfile
from voice_check import at_16_khz, cents, common, distance, nearest

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.engine import finished, write_score
from pipeline.sketch.mix import mix, stems
from pipeline.sketch.score import Note, Part, Score
from pipeline.sketch.singing import loaded
from pipeline.sketch.voice.grapheme import spoken
from pipeline.sketch.voice.notes import RATE_HZ, SungNote
from pipeline.sketch.voice.syllables import syllables

Sound = npt.NDArray[np.float32]  # channels, samples

SONGS = {
    "house": "deep house, 122 BPM, A minor, {} vocals",
    "folk": "warm indie folk, 94 BPM, G major, acoustic guitar, {} vocals",
    "rock": "driving alternative rock, 128 BPM, E minor, electric guitars, {} vocals",
    "metal": "heavy metal, 150 BPM, D minor, {} vocals",
    "synthwave": "synthwave, 104 BPM, F minor, {} vocals",
    "pop": "upbeat pop, 112 BPM, C major, {} vocals",
    "jazz": "smoky jazz, 126 BPM, F major, {} vocals",
    "hip-hop": "hip-hop, 88 BPM, C minor, {} vocals",
    "reggaeton": "reggaeton, 94 BPM, B minor, {} vocals",
    "bossa": "bossa nova, 130 BPM, D major, {} vocals",
    "ballad": "piano ballad, 72 BPM, Eb major, {} vocals",
    "drum and bass": "drum and bass, 172 BPM, G minor, {} vocals",
    "country": "country, 110 BPM, A major, {} vocals",
    "cinematic": "cinematic orchestral, 84 BPM, C minor, {} vocals",
}
FILES = (
    AudioSpec(bitrate=128000), AudioSpec(bitrate=256000), AudioSpec(bitrate=64000),
    AudioSpec(format="wav"),
)  # fmt: skip
AROUND_S = 0.3
HEAD = (
    "| song | stem | mix | cents | in 50 | LUFS | dBTP | DC | full | louder | wider | brighter "
    "| s | CPU | CPU/120 s |\n" + "|---" * 15 + "|"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How many of the sung lines were told from the others."""

    lines: int
    on_stem: int
    in_mix: int
    wrong_on_stem: float
    wrong_in_mix: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """A decoded file's loudness, peaks and parts."""

    lufs: float
    peak_db: float
    offset: float
    full: int
    louder_db: float
    wider_db: float
    brighter: float


def lyrics_of(lines: Sequence[str]) -> str:
    """Two verses of four lines each and a chorus of four, twice."""
    verse, chorus, second = ("\n".join(lines[at : at + 4]) for at in (0, 4, 8))
    return f"[Verse 1]\n{verse}\n[Chorus]\n{chorus}\n[Verse 2]\n{second}\n[Chorus]\n{chorus}"


def decoded(file: bytes) -> Sound:
    """What a player makes of the file."""
    return soundfile.read(io.BytesIO(file), dtype="float32", always_2d=True)[0].T


def phrases(score: Score) -> list[tuple[Note, ...]]:
    """The notes of each sung line, in order."""
    found: dict[int, list[Note]] = {}
    for track in score.tracks:
        for note in track.notes if track.role == "lead" else ():
            found.setdefault(note.line, []).append(note)
    return [tuple(notes) for _, notes in sorted(found.items())]


def seconds(notes: Sequence[Note], score: Score) -> tuple[float, float]:
    """When a line begins and ends."""
    last = notes[-1]
    return notes[0].start * score.seconds_per_tick, (
        last.start + last.ticks
    ) * score.seconds_per_tick


def cut(sound: Sound, start_s: float, end_s: float) -> npt.NDArray[np.float32]:
    """A stretch in one channel, at a peak of 0.7."""
    at = slice(max(0, round((start_s - AROUND_S) * RATE_HZ)), round((end_s + AROUND_S) * RATE_HZ))
    mono = sound[:, at].mean(axis=0)
    return np.asarray(mono * (0.7 / max(float(np.abs(mono).max()), 1e-6)), np.float32)


def words(score: Score, stem: Sound, mixed: Sound, pool: Sequence[str]) -> Words:
    """Count the lines that are recognised."""
    ear = hama.ASRModel()
    true = [common(list("".join(spoken(line)))) for line in pool]
    known = {tuple(s.nucleus for s in syllables(line)): n for n, line in enumerate(pool)}
    sung = phrases(score)
    found = {"stem": 0, "mix": 0}
    wrong = {"stem": 0.0, "mix": 0.0}
    for notes in sung:
        index = known[tuple(note.syllable.nucleus for note in notes if note.syllable)]
        start_s, end_s = seconds(notes, score)
        for name, sound in (("stem", stem), ("mix", mixed)):
            heard = common(ear(at_16_khz(cut(sound, start_s, end_s)), 16000).phonemes)
            found[name] += nearest(heard, true) == index
            wrong[name] += distance(heard, true[index]) / len(true[index]) / len(sung)
    return Words(
        lines=len(sung), on_stem=found["stem"], in_mix=found["mix"],
        wrong_on_stem=wrong["stem"], wrong_in_mix=wrong["mix"],
    )  # fmt: skip


def pitch_errors(score: Score, stem: Sound) -> list[float]:
    """Cents between each note and what pyworld hears on the stem."""
    errors: list[float] = []
    for notes in phrases(score):
        start_s, end_s = seconds(notes, score)
        begins_s = max(0.0, start_s - AROUND_S)
        at = slice(round(begins_s * RATE_HZ), round((end_s + AROUND_S) * RATE_HZ))
        wanted = [
            SungNote(
                start_s=note.start * score.seconds_per_tick,
                seconds=note.ticks * score.seconds_per_tick,
                pitch=note.pitch, velocity=note.velocity, syllable=None,
            )
            for note in notes
        ]  # fmt: skip
        errors += cents(stem[:, at].mean(axis=0), begins_s, wanted)
    return errors


def true_peak_db(sound: Sound) -> float:
    """The highest value of the wave through the samples, four times oversampled."""
    highest = 0.0
    block = 1 << 16
    for channel in np.pad(sound, ((0, 0), (512, 512 + block))):
        for start in range(0, len(channel) - block, block - 1024):
            spectrum = np.fft.rfft(channel[start : start + block])
            fine = np.fft.irfft(spectrum, 4 * block)[2048:-2048] * 4
            highest = max(highest, float(np.abs(fine).max()))
    return 20 * float(np.log10(highest))


def pairs(score: Score) -> list[tuple[Part, Part]]:
    """Each chorus with the verse before it."""
    found: list[tuple[Part, Part]] = []
    verse: Part | None = None
    for part in score.parts:
        if part.kind == "verse":
            verse = part
        elif part.kind == "chorus" and verse is not None:
            found.append((verse, part))
    return found


def stretch(sound: Sound, part: Part, score: Score) -> Sound:
    """A part's sound."""
    second = score.seconds_per_tick * RATE_HZ
    return sound[:, round(part.start * second) : round((part.start + part.ticks) * second)]


def traits(sound: Sound) -> npt.NDArray[np.float64]:
    """Loudness and width in dB, log2 of the centroid of the mean spectrum and of each frame."""
    middle, side = sound.mean(axis=0), (sound[0] - sound[1]) / 2
    frames = np.lib.stride_tricks.sliding_window_view(middle, 4096)[::4096]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(4096)))
    hertz = np.fft.rfftfreq(4096, 1 / RATE_HZ)
    whole = float((spectra.mean(axis=0) * hertz).sum() / spectra.mean(axis=0).sum())
    each = float(((spectra * hertz).sum(axis=1) / (spectra.sum(axis=1) + 1e-9)).mean())
    return np.array(
        [
            10 * np.log10(np.square(sound).mean()),
            10 * np.log10(np.square(side).mean() / np.square(middle).mean()),
            np.log2(whole),
            np.log2(each),
        ]
    )


def levels(sound: Sound, score: Score) -> Levels:
    """Measure a decoded file."""
    rises = [
        traits(stretch(sound, chorus, score)) - traits(stretch(sound, verse, score))
        for verse, chorus in pairs(score)
    ]
    least = np.min(rises, axis=0)
    return Levels(
        lufs=float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(sound.T.astype(np.float64))),
        peak_db=true_peak_db(sound),
        offset=float(np.abs(sound.mean(axis=1)).max()),
        full=int((np.abs(sound) >= 32767 / 32768).sum()),
        louder_db=float(least[0]),
        wider_db=float(least[1]),
        brighter=float(2 ** least[2:].min()),
    )


def check(name: str, singer: str, pool: Sequence[str], keep: Path | None) -> tuple[str, Words]:
    """One song's row of the table."""
    turn = list(SONGS).index(name)
    order = np.random.default_rng(turn).permutation(len(pool))
    prompt, text = SONGS[name].format(singer), lyrics_of([pool[at] for at in order[:12]])
    seed = f"song-check/{name}/{singer}".encode()
    start_s = time.process_time()
    score = write_score(prompt, text, seed)
    mixed = mix(score, seed)
    files = [finished(mixed.sound, FILES[0])]
    spent_s = time.process_time() - start_s
    files += [finished(mixed.sound, spec) for spec in FILES[1:]]
    alone = replace(score, tracks=tuple(t for t in score.tracks if t.role == "lead"))
    stem = next(sound for _, sound in stems(alone, seed, mixed.lift))
    sounds = [decoded(file) for file in files]
    measured = [levels(sound, score) for sound in sounds]
    heard = words(score, stem, sounds[0], pool)
    errors = np.array(pitch_errors(score, stem))
    length_s = mixed.sound.shape[1] / RATE_HZ
    if keep is not None:
        for suffix, sound in (("", sounds[0]), (" lead", stem)):
            soundfile.write(keep / f"{name} {singer}{suffix}.wav", sound.T, RATE_HZ)
    far = max(measured, key=lambda one: abs(one.lufs + 14.0))
    return (
        f"| {name}, {singer} | {heard.on_stem}/{heard.lines} {heard.wrong_on_stem:.2f} "
        f"| {heard.in_mix}/{heard.lines} {heard.wrong_in_mix:.2f} "
        f"| {np.median(errors):.1f} | {100 * (errors < 50).mean():.0f} % | {far.lufs:.2f} "
        f"| {max(one.peak_db for one in measured):.2f} | {max(one.offset for one in measured):.0e} "
        f"| {max(one.full for one in measured)} | {min(one.louder_db for one in measured):.1f} "
        f"| {min(one.wider_db for one in measured):+.1f} "
        f"| {min(one.brighter for one in measured):.2f} | {length_s:.0f} | {spent_s:.1f} "
        f"| {spent_s * 120 / length_s:.1f} |"
    ), heard


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description="measure whole songs")
    arguments.add_argument("--genre", action="append", choices=list(SONGS))
    arguments.add_argument("--singer", choices=("female", "male", "both"))
    arguments.add_argument("--lines", type=Path, help="24 other lines, one a row")
    arguments.add_argument("--keep", type=Path, help="a folder for the sounds")
    given = arguments.parse_args()
    file = given.lines or Path(__file__).with_name("song_lines.txt")
    pool = file.read_text("utf-8").splitlines()
    assert loaded() is None, loaded()
    print(HEAD, flush=True)  # noqa: T201
    total = []
    for turn, name in enumerate(SONGS):
        if given.genre and name not in given.genre:
            continue
        usual = ("female", "male")[turn % 2]
        singers = ("female", "male") if given.singer == "both" else (given.singer or usual,)
        for singer in singers:
            row, heard = check(name, singer, pool, given.keep)
            total.append(heard)
            print(row, flush=True)  # noqa: T201
    sung = sum(one.lines for one in total)
    on_stem, in_mix = sum(one.on_stem for one in total), sum(one.in_mix for one in total)
    print(f"stem {on_stem}/{sung}, mix {in_mix}/{sung}")  # noqa: T201


if __name__ == "__main__":
    main()
