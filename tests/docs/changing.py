"""A change to a file as documents show it: lines kept, taken away (``-``) and added (``+``)."""

from __future__ import annotations


def changed(text: str, difference: str) -> str:
    """The text with the change; raises ``ValueError`` unless it fits in exactly one place."""
    lines, change = text.splitlines(), difference.splitlines()
    old = [line[1:] for line in change if not line.startswith("+")]
    new = [line[1:] for line in change if not line.startswith("-")]
    places = [at for at in range(len(lines)) if lines[at : at + len(old)] == old]
    if len(places) != 1:
        raise ValueError(f"{len(places)} places for this change:\n{difference}\nin:\n{text}")
    (at,) = places
    return "".join(f"{line}\n" for line in (*lines[:at], *new, *lines[at + len(old) :]))
