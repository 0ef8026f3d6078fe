"""Requests for the engine's tests: short, so that a render takes a second."""

from __future__ import annotations

from typing import Any

MODEL = "minimax/music-2.6"
PROMPT = "bright jazz, 200 BPM, key of F major, piano"
LYRICS = "[Verse]\nthe night is young\n[Chorus]\nwe sing along"


def body(**changes: Any) -> dict[str, Any]:
    """A valid body; ``changes`` replace fields."""
    return {"model": MODEL, "prompt": PROMPT, "lyrics": LYRICS} | changes
