"""Requests for the engine's tests: short, so that a render takes a second."""

from __future__ import annotations

from typing import Any

MODEL = "minimax/music-2.6"
PROMPT = "bright jazz, 200 BPM, key of F major, piano"
# Nobody sings: the voice is not loaded, and a render takes half as long.
PLAYED = f"{PROMPT}, instrumental"
LYRICS = "[Verse]\nthe night is young\n[Chorus]\nwe sing along"


def body(**changes: Any) -> dict[str, Any]:
    """A valid body of a song without words; ``changes`` replace fields."""
    return {"model": MODEL, "prompt": PLAYED, "lyrics": LYRICS} | changes
