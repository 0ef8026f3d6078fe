"""Walking through a JSON text so that whatever is wrong in it can be named by its line."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NoReturn

WHITESPACE = re.compile(r"[ \t\n\r]*")


class Misplaced(ValueError):
    """What a line of the text (1-based) should not hold."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class JsonWalk:
    """One walk over a text, from its first sign to its last; every error is a ``Misplaced``.

    Whoever iterates over :meth:`members` or :meth:`elements` takes each value before the next.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._breaks = [found.start() for found in re.finditer("\n", text)]

    @property
    def line(self) -> int:
        """The line of the next sign."""
        return self._line_at(self._next())

    def value(self) -> Any:
        """The next value, whole. No name may come twice in an object, and NaN is no number."""
        start = self._next()
        try:
            found, self._at = DECODER.raw_decode(self._text, start)
        except json.JSONDecodeError as error:
            raise Misplaced(self._line_at(error.pos), _lower_first(error.msg)) from error
        except (ValueError, RecursionError) as error:
            raise Misplaced(self._line_at(start), str(error)) from error
        return found

    def members(self) -> Iterator[tuple[str, int]]:
        """The names of an object's members, each with its line."""
        seen: set[str] = set()
        for _ in self._parts("{", "}"):
            line, name = self.line, self.value()
            if not isinstance(name, str):
                raise Misplaced(line, "expected a name in double quotes")
            if name in seen:
                raise Misplaced(line, f"the name {name!r} comes twice")
            seen.add(name)
            self._take(":")
            yield name, line

    def elements(self) -> Iterator[int]:
        """The lines of an array's elements."""
        for _ in self._parts("[", "]"):
            yield self.line

    def end(self) -> None:
        """Nothing may follow."""
        if self._next() < len(self._text):
            self._expected("the end of the file")

    def _parts(self, opening: str, closing: str) -> Iterator[None]:
        self._take(opening)
        if self._text[self._next() : self._at + 1] == closing:
            self._take(closing)
            return
        while True:
            yield
            sign = self._text[self._next() : self._at + 1]
            if sign not in (",", closing):
                self._expected(f"“,” or “{closing}”")
            self._at += 1
            if sign == closing:
                return

    def _take(self, sign: str) -> None:
        if self._text[self._next() : self._at + 1] != sign:
            self._expected(f"“{sign}”")
        self._at += 1

    def _expected(self, what: str) -> NoReturn:
        raise Misplaced(self._line_at(self._at), f"expected {what}")

    def _next(self) -> int:
        found = WHITESPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._at

    def _line_at(self, position: int) -> int:
        return bisect_right(self._breaks, position - 1) + 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice in one object")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
