"""Figures that lock files have: the same bytes give them whatever the measuring is made of.

They were written by the first measurer of version 1. A true peak may differ in its last digit
between two matrix libraries (decision 13); nothing else may.
"""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from pipeline.adapters.audio_levels.measuring import measure
from pipeline.core.sound.measurement import measurement_document
from tests.builders import an_audio

FIGURES = json.loads(Path(__file__).with_name("measured_figures.json").read_text())
LAST_DIGIT = Decimal("0.000001")


def chord(times):
    tones = sum(np.sin(2 * np.pi * hz * times) / hz for hz in (110, 277, 440, 1760, 6100))
    return np.stack([tones * 60, tones * 25 * np.abs(np.sin(times * 2))])


def gusts(times):
    noise = np.random.default_rng(3).standard_normal(len(times))
    return (noise * 0.2 * np.maximum(np.sin(times * 2.2), 0) ** 2)[None]


def overdriven(times):
    noise = np.random.default_rng(4).standard_normal((2, len(times)))
    return 1.3 * np.sign(np.sin(times * 900)) * np.minimum(times, 1) + noise * 0.1


def surround(times):
    noise = np.random.default_rng(5).standard_normal((6, len(times))).cumsum(axis=1) / 400
    return np.diff(noise, axis=1, append=0) * 20 * np.array([1, 1, 2, 5, 0.5, 0])[:, None]


def fading(times):
    return np.stack([0.3 * np.exp(-times) * np.sin(times * 2500)] * 2)


def clicks(times):
    rng = np.random.default_rng(6)
    is_click = rng.uniform(size=(3, len(times))) > 0.9995
    return np.where(is_click, rng.uniform(-1, 1, (3, len(times))), 0)


SOUNDS = {
    "chord": (chord, 44_100, 5.3),
    "gusts": (gusts, 48_000, 9.0),
    "overdriven": (overdriven, 44_100, 3.07),
    "surround": (surround, 22_050, 4.0),
    "fading": (fading, 8_000, 12.0),
    "clicks": (clicks, 11_025, 6.0),
    "short": (chord, 96_000, 0.45),
}


@pytest.mark.parametrize("name", SOUNDS)
def test_the_same_sound_has_the_figures_that_locks_have(tmp_path: Path, name: str):
    make, rate_hz, seconds = SOUNDS[name]
    rows = make(np.arange(round(rate_hz * seconds)) / rate_hz)
    path = tmp_path / "sound.pcm"
    path.write_bytes(np.clip(np.round(rows * 32768), -32768, 32767).astype("<i2").T.tobytes())
    audio = an_audio(format="pcm", sample_rate_hz=rate_hz, channels=len(rows))
    found, wanted = measurement_document(measure(path, audio)), dict(FIGURES[name])
    peaks = Decimal(found.pop("true_peak")), Decimal(wanted.pop("true_peak"))
    assert found == wanted
    assert abs(peaks[0] - peaks[1]) <= LAST_DIGIT
