"""The voice's graph, cut open: phonemes, durations, pitch and energy in; short-time spectra out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.sketch.voice.frames import Curve, Layout
from pipeline.sketch.voice.graph_cut import INT64, CutFailed, Tensor, cut
from pipeline.sketch.voice.package import VoiceMissing, alphabet, model
from pipeline.sketch.voice.session import Session
from pipeline.sketch.voice.timing import Kind

# The three inner tensors at which the graph is cut.
_DURATIONS, _PITCH, _ENERGY = "/Clip_output_0", "f0", "/Mul_62_output_0"
_SPECTRA = ("lh", "theta", "ln", "lr", "phi")
# The least energy of vowels and consonants: left to itself the graph takes a vowel of a sung
# length for a pause, and falls silent in it.
_VOWEL_ENERGY, _CONSONANT_ENERGY = 6.3, 3.2
_REST = 8  # given frames of a pause from which it is left silent

Parts = npt.NDArray[np.float32]  # frames, bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Timbres:
    """What the voice gives for each of its frames, over 601 bins of 20 Hz."""

    harmonic: Parts  # log gain of the pulse train
    turn: Parts  # its phase is pi times the hyperbolic tangent
    noise: Parts  # log level of noise
    free: Parts  # log level of what has a phase of its own
    phase: Parts  # in radians

    def strength(self) -> Curve:
        """The log level of the harmonics between 200 Hz and 4 kHz in each frame."""
        heard = self.harmonic[:, 10:200].astype(np.float64)
        return np.asarray(0.5 * np.log(np.exp(2.0 * heard).sum(axis=1)))


class Decoder:
    """The two halves of the voice, each in its session."""

    def __init__(self) -> None:
        whole = model()
        ids = Tensor(name="ids", element=INT64, axes=(1, "L"))
        durations = Tensor(name=_DURATIONS, axes=("L",))
        curves = [Tensor(name=name, axes=(1, "F")) for name in (_PITCH, _ENERGY)]
        try:
            prosody = cut(whole, [ids, durations], [Tensor(name=_ENERGY)])
            spectra = cut(
                whole, [ids, durations, *curves], [Tensor(name=name) for name in _SPECTRA]
            )
            self._prosody, self._spectra = Session(prosody), Session(spectra)
        except CutFailed as error:
            raise VoiceMissing(f"the voice's graph is another than expected: {error}") from error
        except Exception as error:
            # The runtime's own errors have no common class.
            raise VoiceMissing(f"the voice does not load: {error}") from error
        self._alphabet = alphabet()

    def timbres(self, layout: Layout, pitch_hz: Curve) -> Timbres:
        """The spectra of a line; ``pitch_hz`` has a value for each given frame, 0 if unvoiced."""
        signs = [span.sound.sign for span in layout.spans]
        given: dict[str, npt.NDArray[np.int64] | npt.NDArray[np.float32]] = {
            "ids": np.array([[self._alphabet.get(sign, 0) for sign in signs]], np.int64),
            _DURATIONS: layout.units,
        }
        (energy,) = self._prosody.run((_ENERGY,), dict(given))
        given[_PITCH] = pitch_hz.astype(np.float32)[None]
        given[_ENERGY] = _lifted(energy[0], layout)[None]
        parts = (part[0].T for part in self._spectra.run(_SPECTRA, dict(given)))
        harmonic, turn, noise, free, phase = parts
        return Timbres(harmonic=harmonic, turn=turn, noise=noise, free=free, phase=phase)


def _lifted(energy: npt.NDArray[np.float32], layout: Layout) -> npt.NDArray[np.float32]:
    floor = np.full(len(energy), -9.5, np.float32)
    for span in layout.spans:
        frames = slice(span.given_start, span.given_end)
        if span.is_vowel:
            floor[frames] = _VOWEL_ENERGY
        elif span.sound.kind is Kind.CONSONANT:
            floor[frames] = _CONSONANT_ENERGY
        elif span.sound.kind is Kind.SPACE and span.given_end - span.given_start >= _REST:
            energy[frames] = -9.0
    raised = np.pad(np.maximum(energy, floor), 1, mode="edge")
    smooth = 0.25 * raised[:-2] + 0.5 * raised[1:-1] + 0.25 * raised[2:]
    return np.asarray(smooth, np.float32)


@cache
def decoder() -> Decoder:
    """The process's decoder, loaded at the first call (0.4 s, 75 MB); raises VoiceMissing."""
    return Decoder()
