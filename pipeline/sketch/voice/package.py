"""The voice package: where its files lie, and whether they are the ones expected."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_MODEL_SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"


class VoiceMissing(Exception):
    """There is no voice to sing with: its package is absent, or another one than expected."""


def home() -> Path:
    """The voice package's folder, found without importing it; raises VoiceMissing."""
    spec = find_spec("hibari")
    if spec is None or spec.origin is None:
        raise VoiceMissing("the package hibari-tts is not installed")
    if find_spec("onnxruntime") is None:
        raise VoiceMissing("the package onnxruntime is not installed")
    return Path(spec.origin).parent


def model() -> bytes:
    """The voice's graph and weights; raises VoiceMissing where they are not the known ones."""
    path = home() / "assets" / "hibari.onnx"
    try:
        found = path.read_bytes()
    except OSError as error:
        raise VoiceMissing(f"the voice cannot be read: {error}") from error
    if hashlib.sha256(found).hexdigest() != _MODEL_SHA256:
        raise VoiceMissing("hibari-tts holds another voice than the one of version 0.2.1")
    return found


@cache
def alphabet() -> dict[str, int]:
    """The number of each phoneme sign; raises VoiceMissing."""
    path = home() / "assets" / "vocab.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VoiceMissing(f"the voice's alphabet cannot be read: {error}") from error
    return {str(sign): int(number) for sign, number in found.items()}
