"""One random stream per purpose, so that a new pattern does not move the melody."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def stream_number(seed: bytes, *purpose: object) -> int:
    """A 128-bit number that depends on the seed and the purpose's words alone."""
    name = "/".join(str(word) for word in purpose).encode()
    return int.from_bytes(hashlib.sha256(seed + b"\0" + name).digest()[:16], "big")


def stream(seed: bytes, *purpose: object) -> random.Random:
    """A generator of its own for one purpose, the same in every process."""
    return random.Random(stream_number(seed, *purpose))  # noqa: S311 - music, not secrets


def pick(generator: random.Random, choices: Sequence[T]) -> T:
    """One of the choices, by ``random()`` alone: the one method whose numbers Python guarantees."""
    return choices[int(generator.random() * len(choices))]
