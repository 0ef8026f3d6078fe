from __future__ import annotations

import numpy as np
import pytest

from pipeline.sketch.voice.graph_cut import INT64, CutFailed, Tensor, cut
from pipeline.sketch.voice.package import alphabet, model
from pipeline.sketch.voice.protobuf_wire import bytes_field, fields, number_field, text
from pipeline.sketch.voice.session import Session

DURATIONS, ENERGY = "/Clip_output_0", "/Mul_62_output_0"
IDS = Tensor(name="ids", element=INT64, axes=(1, "L"))
SPECTRA = ("lh", "theta", "ln", "lr", "phi")


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**31, 2**63])
def test_numbers_of_any_size_are_read_as_written(number: int) -> None:
    (field,) = fields(memoryview(number_field(7, number)))
    assert (field.number, field.value) == (7, number)


def test_messages_lie_in_messages() -> None:
    inner = bytes_field(1, "größe".encode()) + number_field(2, 5)
    (outer,) = fields(memoryview(bytes_field(300, inner)))
    first, second = fields(outer.content)
    assert (outer.number, text(first), second.value) == (300, "größe", 5)


@pytest.mark.parametrize("broken", [b"\x0a\x05ab", b"\x08\x80", b"\x0b", b"\xff"])
def test_a_message_that_is_cut_short_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends inside|wire type"):
        list(fields(memoryview(broken)))


def test_the_two_halves_say_what_the_whole_says() -> None:
    whole = model()
    durations = Tensor(name=DURATIONS, axes=("L",))
    curves = [Tensor(name=name, axes=(1, "F")) for name in ("f0", ENERGY)]
    speed = Tensor(name="speed", axes=(1,))
    prosody = Session(cut(whole, [IDS, speed], [durations, *curves]))
    rest = Session(cut(whole, [IDS, durations, *curves], [Tensor(name=name) for name in SPECTRA]))
    signs = alphabet()
    ids = np.array([[0, *(signs[sign] for sign in "həlˈO."), 0]], np.int64)
    said = {"ids": ids, "speed": np.ones(1, np.float32)}
    lengths, pitch, energy = prosody.run((DURATIONS, "f0", ENERGY), dict(said))
    halves = rest.run(SPECTRA, {"ids": ids, DURATIONS: lengths, "f0": pitch, ENERGY: energy})
    for half, one in zip(halves, Session(whole).run(SPECTRA, dict(said)), strict=True):
        assert half.shape == one.shape
        # Equal but for the rounding of 8-bit products under another fusion of nodes.
        assert np.abs(half - one).mean() < 0.1


def test_a_tensor_that_is_not_there_is_named() -> None:
    with pytest.raises(CutFailed, match="/Clip_output_9"):
        cut(model(), [IDS], [Tensor(name="/Clip_output_9")])


def test_a_cut_that_leaves_an_end_open_is_refused() -> None:
    with pytest.raises(CutFailed, match="speed"):
        cut(model(), [IDS], [Tensor(name="lh")])


@pytest.mark.parametrize("junk", [b"", b"no model", b"\x08\x08"])
def test_what_is_no_model_is_refused(junk: bytes) -> None:
    with pytest.raises(CutFailed):
        cut(junk, [IDS], [Tensor(name="lh")])
