"""What independent tools hear in a decoded song; nothing of the engine's own analysis is used."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

import librosa
import numpy as np
import numpy.typing as npt
import pyloudnorm
from scipy.signal import find_peaks

RATE_HZ = 22050
_HOP = 256
_FRAME_S = _HOP / RATE_HZ
# Krumhansl and Kessler's probe-tone profiles, from C.
_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_SILENT_DB = -50.0  # of 50 ms, against full scale
_FAINT_DB = -38.0
_BEATS_OF_A_BAR = {"3/4": 3, "4/4": 4, "5/4": 5}
_KERNEL_BARS = 4  # on either side of a boundary
_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A section as the score says it: seconds, bars' length, and how strongly it is meant."""

    kind: str
    start_s: float
    end_s: float
    energy_percent: int


def loudness(sound: npt.NDArray[np.float32], rate_hz: int) -> tuple[float, float]:
    """Integrated LUFS, and the true peak in dB at four times the rate."""
    lufs = float(pyloudnorm.Meter(rate_hz).integrated_loudness(sound))
    over = librosa.resample(sound.T, orig_sr=rate_hz, target_sr=4 * rate_hz, res_type="soxr_hq")
    return lufs, float(20 * np.log10(np.abs(over).max()))


def tempo(mono: npt.NDArray[np.float32], asked_bpm: float) -> float:
    """Beats a minute: the slope of librosa's beats, its search begun at what was asked."""
    _, beats = librosa.beat.beat_track(
        y=mono, sr=RATE_HZ, start_bpm=asked_bpm, units="time", trim=False
    )
    gaps = np.diff(beats)
    usual = float(np.median(gaps))
    # A beat that the tracker left out must not bend the line.
    places = np.concatenate([[0.0], np.cumsum(np.maximum(1, np.rint(gaps / usual)))])
    return float(60.0 / np.polyfit(places, beats, 1)[0])


def octaves_off(found: float, asked: float) -> float:
    """The deviation from the nearest of half, one and two times what was asked, as a share."""
    return min(abs(found / (asked * by) - 1.0) for by in (0.5, 1.0, 2.0))


def key(mono: npt.NDArray[np.float32]) -> tuple[str, float]:
    """The best of 24 keys, and how far its correlation lies above the second best."""
    chroma = librosa.feature.chroma_cqt(y=librosa.effects.harmonic(mono), sr=RATE_HZ).mean(axis=1)
    found = sorted(
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), f"{_TONICS[tonic]} {mode}")
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    )
    return found[-1][1], found[-1][0] - found[-2][0]


def _accents(mono: npt.NDArray[np.float32], beat_s: float) -> tuple[_Floats, _Floats]:
    """Onset strength at 12 places of each beat (beats x 12), and the change of harmony at beats."""
    onsets = librosa.onset.onset_strength(y=mono, sr=RATE_HZ, hop_length=_HOP)
    times = np.arange(len(onsets)) * _FRAME_S
    count = int((times[-1] - 1.0) / beat_s) - 1

    def at(phase: float) -> _Floats:
        return np.asarray(np.interp(phase + np.arange(count * 12) * beat_s / 12, times, onsets))

    phases = np.arange(0.0, beat_s, 0.01)
    best = max(phases, key=lambda phase: float(at(phase)[::12].sum()))
    grid = at(best).reshape(count, 12)
    chroma = librosa.feature.chroma_cqt(y=mono, sr=RATE_HZ, hop_length=_HOP * 2)
    places = ((best + np.arange(count + 1) * beat_s) / (2 * _FRAME_S)).astype(int)
    means = np.stack([chroma[:, a : max(a + 1, b)].mean(axis=1) for a, b in pairwise(places)])
    unit = means / (np.linalg.norm(means, axis=1, keepdims=True) + 1e-9)
    change = np.concatenate([[0.0], 1.0 - (unit[1:] * unit[:-1]).sum(axis=1)])
    return grid, change


def metre(mono: npt.NDArray[np.float32], beat_s: float) -> str:
    """How beats group, by the autocorrelation of accents and changes of harmony from bar to bar.

    A beat of three parts is told by onsets at its thirds against those at its half; 6/8 and 12/8
    are told apart no further, as both are heard as groups of dotted quarters.
    """
    grid, change = _accents(mono, beat_s)
    # A shuffle sounds its last third alone.
    thirds = min(grid[:, 4].mean(), grid[:, 8].mean())
    if thirds > max(grid[:, 6].mean(), 0.3 * grid[:, 0].mean()):
        return "compound"
    rows = [grid[:, 0], grid[:, 0] - grid[:, 6], change, change]
    sums = {}
    for name, beats in _BEATS_OF_A_BAR.items():
        sums[name] = float(np.mean([_likeness(row, beats) for row in rows]))
    return max(sums, key=lambda name: sums[name])


def _likeness(row: _Floats, lag: int) -> float:
    row = np.clip(row, None, np.quantile(row, 0.98))
    row = row - row.mean()
    power = float((row * row).mean()) + 1e-12
    return float(np.mean([(row[:-n] * row[n:]).mean() / power for n in (lag, 2 * lag, 3 * lag)]))


def levels(mono: npt.NDArray[np.float32], parts: list[Stretch]) -> list[float]:
    """RMS of each section in dB, its first and last quarter of a second left out."""
    found = []
    for part in parts:
        inner = mono[round((part.start_s + 0.25) * RATE_HZ) : round((part.end_s - 0.25) * RATE_HZ)]
        found.append(float(10 * np.log10(np.square(inner).mean() + 1e-12)))
    return found


def misordered(parts: list[Stretch], found_db: list[float]) -> list[str]:
    """Pairs whose levels contradict the score: those whose energies differ by 8 points or more."""
    wrong = []
    for (a, a_db), (b, b_db) in combinations(zip(parts, found_db, strict=True), 2):
        if abs(a.energy_percent - b.energy_percent) >= 8 and (
            (a.energy_percent - b.energy_percent) * (a_db - b_db) <= 0
        ):
            wrong.append(f"{a.kind}@{a.start_s:.0f}/{b.kind}@{b.start_s:.0f}")
    return wrong


def lift(parts: list[Stretch], found_db: list[float]) -> float | None:
    """The softest chorus against the loudest verse, in dB; None without both."""
    verses = [db for part, db in zip(parts, found_db, strict=True) if part.kind == "verse"]
    choruses = [db for part, db in zip(parts, found_db, strict=True) if part.kind == "chorus"]
    return min(choruses) - max(verses) if verses and choruses else None


def novelty_peaks(mono: npt.NDArray[np.float32], beat_s: float, bar_beats: int) -> _Floats:
    """Times of the peaks of Foote's checkerboard novelty over the mel spectrum in dB, by beats."""
    hop = 1024
    mel = librosa.feature.melspectrogram(y=mono, sr=RATE_HZ, hop_length=hop, n_mels=64)
    rows = librosa.power_to_db(mel, ref=np.max, top_db=60.0)
    edges = np.arange(0.0, len(mono) / RATE_HZ, beat_s)
    places = (edges * RATE_HZ / hop).astype(int)
    beats = np.stack([rows[:, a : max(a + 1, b)].mean(axis=1) for a, b in pairwise(places)])
    beats = (beats - beats.mean(axis=0)) / (beats.std(axis=0) + 1e-9)
    gaps = np.linalg.norm(beats[:, None] - beats[None], axis=2)
    alike = np.exp(-gaps / gaps.mean())
    half = _KERNEL_BARS * bar_beats
    side = np.arange(-half, half) + 0.5
    taper = np.exp(-2.0 * (side / half) ** 2)
    kernel = np.outer(taper, taper) * np.sign(np.outer(side, side))
    padded = np.pad(alike, half, mode="edge")
    curve = np.array(
        [(padded[n : n + 2 * half, n : n + 2 * half] * kernel).sum() for n in range(len(alike))]
    )
    peaks, _ = find_peaks(curve, height=np.quantile(curve, 0.55), distance=3)
    return edges[peaks]


def unheard(parts: list[Stretch], peaks: _Floats, bar_s: float) -> list[str]:
    """The boundaries of the score without a peak of novelty within a bar."""
    return [
        f"{before.kind}-{after.kind}@{after.start_s:.0f}"
        for before, after in pairwise(parts)
        if not len(peaks) or np.abs(peaks - after.start_s).min() > bar_s
    ]


def longest_below(mono: npt.NDArray[np.float32], limit_db: float, end_s: float) -> float:
    """Seconds of the longest stretch below a level before ``end_s``, in steps of 50 ms."""
    step = RATE_HZ // 20
    inside = mono[: min(len(mono), round(end_s * RATE_HZ)) // step * step].reshape(-1, step)
    soft = 10 * np.log10(np.square(inside).mean(axis=1) + 1e-12) < limit_db
    longest = run = 0
    for is_soft in soft:
        run = run + 1 if is_soft else 0
        longest = max(longest, run)
    return longest / 20.0


def silences(mono: npt.NDArray[np.float32], end_s: float) -> tuple[float, float]:
    """The longest silence and the longest faint stretch inside the song, in seconds."""
    return longest_below(mono, _SILENT_DB, end_s), longest_below(mono, _FAINT_DB, end_s)
