"""Whether songs of the embedded engine are what was asked for, by tools that share nothing with it.

    pip install -r benchmarks/sound/requirements-listening.txt
    python benchmarks/sound/sketch_check.py benchmarks/sound/sketch_prompts_unseen.yaml [--keep DIR]

Every song of the file is rendered to mp3, decoded, and measured:

* tempo: the slope of librosa's beats, search begun at the asked tempo; right within 2 %, half and
  double allowed.
* key: Krumhansl's profiles on the chroma of the harmonic part; right if tonic and mode are.
* metre: autocorrelation of accents and harmony at the lags of a bar; 6/8 and 12/8 by the thirds of
  the beat.
* order: pairs of sections whose energies differ by 8 points in the score, and their levels in the
  recording.
* edges: boundaries of the score that have a peak of checkerboard novelty within a bar; ``chance``
  is the share of all bars that have one.
* lift: the softest chorus against the loudest verse, dB.
* silent, faint: the longest stretch below -50 and -38 dBFS before the last bar, seconds.
* said: sections, singer, absent players and length, as the score says them.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

import listening
import numpy as np
import soundfile
import yaml

from pipeline.sketch.audio import AudioSpec
from pipeline.sketch.engine import Rendering, render
from pipeline.sketch.exports import TONICS
from pipeline.sketch.score import bar_ticks, pulse_ticks

_ENHARMONIC = {"D#": "Eb", "G#": "Ab", "A#": "Bb", "Db": "C#", "Gb": "F#"}
_COMPOUND = frozenset({"6/8", "9/8", "12/8"})
_SINGERS = {"high voice": "female", "low voice": "male", "choir voice": "choir"}


def measured(song: dict[str, Any], lyrics: str, keep: Path | None) -> dict[str, Any]:
    """One song's row: each ``*_ok`` is None where nothing was asked for."""
    started = time.process_time()
    done = render(song["prompt"], lyrics, AudioSpec(), song["name"].encode())
    cpu_s = time.process_time() - started
    if keep:
        (keep / f"{song['name']}.mp3").write_bytes(done.audio)
    sound, rate_hz = soundfile.read(io.BytesIO(done.audio), dtype="float32")
    mono = listening.librosa.resample(
        sound.mean(axis=1), orig_sr=rate_hz, target_sr=listening.RATE_HZ
    )
    row = {"name": song["name"], "seconds": round(done.seconds, 1), "cpu_s": round(cpu_s, 1)}
    lufs, peak_db = listening.loudness(sound, rate_hz)
    row |= {"lufs": round(lufs, 2), "peak_db": round(peak_db, 2)}
    return row | _heard(song, mono, done) | _form(mono, done) | _said(song, done)


def _heard(song: dict[str, Any], mono: np.ndarray, done: Rendering) -> dict[str, Any]:
    asked = song.get("bpm")
    asked_bpm = sum(asked) / 2 if isinstance(asked, list) else asked or done.score.bpm
    bpm = listening.tempo(mono, asked_bpm if not isinstance(asked, list) else done.score.bpm)
    key, margin = listening.key(mono)
    metre = listening.metre(mono, 60.0 / done.score.bpm)
    row: dict[str, Any] = {"bpm": round(bpm, 2), "key": key, "key_margin": round(margin, 3)}
    row |= {"metre": metre, "tempo_ok": None, "key_ok": None, "metre_ok": None}
    if isinstance(asked, list):
        fits = [bpm * by for by in (0.5, 1.0, 2.0) if asked[0] <= bpm * by <= asked[1]]
        row["tempo_ok"] = bool(fits) and listening.octaves_off(bpm, done.score.bpm) <= 0.02
    elif asked:
        row["tempo_ok"] = listening.octaves_off(bpm, asked) <= 0.02
    if wanted := song.get("key"):
        tonic, mode = wanted.split()
        row["key_ok"] = key == f"{_ENHARMONIC.get(tonic, tonic)} {mode}"
    if wanted := song.get("meter"):
        row["metre_ok"] = metre == ("compound" if wanted in _COMPOUND else wanted)
    return row


def _form(mono: np.ndarray, done: Rendering) -> dict[str, Any]:
    score = done.score
    per_tick = score.seconds_per_tick
    parts = [
        listening.Stretch(
            kind=str(p.kind), start_s=p.start * per_tick, end_s=(p.start + p.ticks) * per_tick,
            energy_percent=p.energy_percent,
        )
        for p in score.parts
    ]  # fmt: skip
    bar_s, beat_s = bar_ticks(score.meter) * per_tick, pulse_ticks(score.meter) * per_tick
    found_db = listening.levels(mono, parts)
    wrong = listening.misordered(parts, found_db)
    peaks = listening.novelty_peaks(mono, beat_s, round(bar_s / beat_s))
    missed = listening.unheard(parts, peaks, bar_s)
    bars = np.arange(0.0, parts[-1].end_s, bar_s)
    chance = np.mean([np.abs(peaks - at).min() <= bar_s for at in bars]) if len(peaks) else 0.0
    silent, faint = listening.silences(mono, parts[-1].end_s - bar_s)
    lift = listening.lift(parts, found_db)
    return {
        "levels": [f"{p.kind} {db:.1f}" for p, db in zip(parts, found_db, strict=True)],
        "lift_db": round(lift, 1) if lift is not None else None, "order_wrong": wrong,
        "edges": len(parts) - 1, "edges_missed": missed, "edge_chance": round(float(chance), 2),
        "silent_s": silent, "faint_s": faint,
    }  # fmt: skip


def _said(song: dict[str, Any], done: Rendering) -> dict[str, Any]:
    wrong = []
    score = done.score
    tones = {str(track.tone) for track in score.tracks if track.role != "bass"}
    kinds = [str(part.kind) for part in score.parts]
    if song.get("kinds", kinds) != kinds:
        wrong.append(f"sections {kinds}")
    leads = {
        _SINGERS[str(t.tone)] for t in score.tracks if str(t.tone) in _SINGERS and t.role == "lead"
    }
    if "voice" in song and (leads or {"none"}) != {song["voice"]}:
        wrong.append(f"singers {sorted(leads)}")
    if played := tones & set(song.get("absent", ())):
        wrong.append(f"plays {sorted(played)}")
    low, high = song.get("seconds", (0, 300))
    if not low <= done.seconds <= high:
        wrong.append(f"{done.seconds:.0f} s")
    if (tonic := TONICS[score.tonic]) and song.get("key"):
        wanted = song["key"].split()[0]
        if tonic != _ENHARMONIC.get(wanted, wanted):
            wrong.append(f"tonic {tonic}")
    return {"said_wrong": wrong}


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """The figures over all songs."""
    told = []
    for name in ("tempo", "key", "metre"):
        asked = [row[f"{name}_ok"] for row in rows if row[f"{name}_ok"] is not None]
        told.append(f"{name} {sum(asked)}/{len(asked)}")
    edges = sum(row["edges"] for row in rows)
    heard = edges - sum(len(row["edges_missed"]) for row in rows)
    chance = np.mean([row["edge_chance"] for row in rows])
    lifts = [row["lift_db"] for row in rows if row["lift_db"] is not None]
    told += [
        f"ordered {sum(not row['order_wrong'] for row in rows)}/{len(rows)}",
        f"edges {heard}/{edges} (chance {chance:.2f})",
        f"lift of at least 3 dB {sum(db >= 3.0 for db in lifts)}/{len(lifts)}",
        f"longest silence {max(row['silent_s'] for row in rows):.2f} s",
        f"longest faint stretch {max(row['faint_s'] for row in rows):.2f} s",
        f"as said {sum(not row['said_wrong'] for row in rows)}/{len(rows)}",
        f"LUFS {min(row['lufs'] for row in rows):.2f} … {max(row['lufs'] for row in rows):.2f}",
        f"peak {max(row['peak_db'] for row in rows):.2f} dBTP",
    ]
    return told


def main() -> None:
    """Render and measure; a line of JSON a song on stdout, the summary last."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("prompts", type=Path)
    options.add_argument("--only", action="append", help="names of songs")
    options.add_argument("--keep", type=Path, help="a folder for the recordings")
    chosen = options.parse_args()
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    asked = yaml.safe_load(chosen.prompts.read_text(encoding="utf-8"))
    rows = []
    for song in asked["songs"]:
        if chosen.only and song["name"] not in chosen.only:
            continue
        row = measured(song, asked["lyrics"][song["lyrics"]], chosen.keep)
        rows.append(row)
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    sys.stdout.write("".join(f"{line}\n" for line in summary(rows)))


if __name__ == "__main__":
    main()
