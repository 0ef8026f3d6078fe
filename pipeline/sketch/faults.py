"""Faults on demand: ``post:429:retry-after=5*3`` and its kind, read and counted out.

A fault is ``PLACE:EFFECT[:OPTION=VALUE…][*TIMES]``. It acts once, or as often as ``*TIMES`` says;
``*`` alone is always.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Place(StrEnum):
    """What a fault can befall."""

    POST = "post"
    POLL = "poll"
    CDN = "cdn"
    LOGS = "logs"
    BILLING = "billing"


class Effect(StrEnum):
    """What a fault does; a bare status is ``STATUS``."""

    STATUS = "status"  # that HTTP status instead of the answer
    STATUS_AFTER_ACCEPT = "status-after-accept"  # the song is accepted and paid, then that status
    LOST_ANSWER = "lost-answer"  # all is done as asked, and the connection ends without an answer
    LOST_REQUEST = "lost-request"  # the connection ends, nothing is done
    SLOW = "slow"  # the right answer, late
    HTML = "html"  # a gateway's page with status 200
    TRUNCATE = "truncate"  # half the body under the whole Content-Length
    UNKNOWN_STATUS = "unknown-status"  # "waiting": a status that nobody documented
    STUCK = "stuck"  # generating, though it may have finished
    ERROR = "error"  # the generation fails, for good
    NO_LINK = "no-link"  # completed without a link
    EXPIRED = "expired"  # this link is dead from now on; a later poll brings another
    GARBAGE = "garbage"  # the right length, no audio
    EMPTY = "empty"  # a page of the log without rows


_EVERYWHERE = (Effect.LOST_ANSWER, Effect.LOST_REQUEST, Effect.SLOW, Effect.HTML, Effect.TRUNCATE)
EFFECTS = {
    Place.POST: _EVERYWHERE,
    Place.POLL: (
        *_EVERYWHERE, Effect.UNKNOWN_STATUS, Effect.STUCK, Effect.ERROR, Effect.NO_LINK,
    ),
    Place.CDN: (*_EVERYWHERE, Effect.EXPIRED, Effect.GARBAGE),
    Place.LOGS: (*_EVERYWHERE, Effect.EMPTY),
    Place.BILLING: _EVERYWHERE,
}  # fmt: skip
OPTIONS = ("retry-after", "seconds", "skip", "match", "body")
BODIES = ("message", "problem", "html", "empty")
SLOW_S = 3.0

_AFTER_ACCEPT = "-after-accept"
_STATUS = re.compile(rf"([45][0-9]{{2}})({_AFTER_ACCEPT})?")
_TIMES = re.compile(r"\*([0-9]*)$")
_MOST_TIMES = 1_000_000
_LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. ``times`` None is always; the first ``skip`` requests that match go unharmed.

    ``match`` is looked for in prompt, lyrics and ids of the request's song; ``retry_after`` is
    sent as it is; ``body`` is one of :data:`BODIES`.
    """

    place: Place
    effect: Effect
    text: str  # as it was asked for
    status: int = 500
    times: int | None = 1
    skip: int = 0
    match: str = ""
    retry_after: str | None = None
    seconds: float = SLOW_S
    body: str = "message"


class FaultInvalidError(Exception):
    """A fault that cannot be; ``hint`` says what could be meant."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def parse_fault(text: str) -> Fault:
    """Read ``PLACE:EFFECT[:OPTION=VALUE…][*TIMES]``. Raises :class:`FaultInvalidError`."""
    counted = _TIMES.search(text)
    words = (text[: counted.start()] if counted else text).split(":")
    if len(words) < 2:
        raise FaultInvalidError(
            f"'{text}' is not a fault", "write a place and an effect, such as post:429*3"
        )
    if not counted and (early := re.search(r"\*([0-9]*)", text)):
        ordered = text.replace(early[0], "", 1) + early[0]
        raise FaultInvalidError(f"'{early[0]}' stands at the end", f"write {ordered}")
    place = _place(words[0])
    effect, status = _effect(place, words[1])
    fault = Fault(
        place=place, effect=effect, status=status, text=text, times=_times(counted),
        **_options(words[2:]),
    )  # fmt: skip
    _refuse_idle_options(fault, {word.partition("=")[0] for word in words[2:]})
    return fault


def _place(word: str) -> Place:
    try:
        return Place(word)
    except ValueError:
        raise FaultInvalidError(f"'{word}' is no place for a fault", _near(word, Place)) from None


def _effect(place: Place, word: str) -> tuple[Effect, int]:
    told = _STATUS.fullmatch(word)
    if told and (place is Place.POST or not told[2]):
        return (Effect.STATUS_AFTER_ACCEPT if told[2] else Effect.STATUS), int(told[1])
    known = [effect for effect in EFFECTS[place] if effect == word]
    if known:
        return known[0], 500
    if word.isdigit():
        raise FaultInvalidError(f"'{word}' is no status of a fault", "400 to 599 are")
    if told or word.endswith(_AFTER_ACCEPT):
        raise FaultInvalidError(
            f"'{place}:{word}' cannot be", "only a POST is accepted: post:500-after-accept"
        )
    choices = [*EFFECTS[place], *(["500-after-accept"] if place is Place.POST else [])]
    raise FaultInvalidError(f"'{word}' does not happen at {place}", _near(word, choices, "429"))


def _times(counted: re.Match[str] | None) -> int | None:
    if counted is None:
        return 1
    if not counted[1]:
        return None
    if not 1 <= int(counted[1][:9]) <= _MOST_TIMES:
        raise FaultInvalidError(f"'{counted[0]}' is not a count", "write *3, or * for always")
    return int(counted[1])


def _options(words: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in OPTIONS:
            raise FaultInvalidError(f"'{name}' is no option of a fault", _near(name, OPTIONS))
        if not equals or not value or name.replace("-", "_") in found:
            raise FaultInvalidError(f"'{word}' does not set {name}", f"write {name}=VALUE, once")
        found[name.replace("-", "_")] = _value(name, value)
    return found


def _value(name: str, value: str) -> str | int | float:
    if name == "skip":
        if not re.fullmatch(r"[0-9]{1,6}", value):
            raise FaultInvalidError(f"skip={value} is not a count", "write skip=2")
        return int(value)
    if name == "seconds":
        if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value) or float(value) > _LONGEST_S:
            raise FaultInvalidError(f"seconds={value} is not a time", "write seconds=0.5")
        return float(value)
    if name == "body" and value not in BODIES:
        raise FaultInvalidError(f"body={value} is no form of an error", _near(value, BODIES))
    if name == "retry-after" and not (value.isascii() and value.isprintable()):
        raise FaultInvalidError("retry-after goes into a header", "write retry-after=5")
    return value


def _refuse_idle_options(fault: Fault, given: set[str]) -> None:
    is_status = fault.effect in (Effect.STATUS, Effect.STATUS_AFTER_ACCEPT)
    of_errors = ("retry-after", "body")
    idle: list[str] = [name for name in of_errors if name in given and not is_status]
    idle += ["seconds"] if "seconds" in given and fault.effect is not Effect.SLOW else []
    idle += ["match"] if "match" in given and fault.place in (Place.LOGS, Place.BILLING) else []
    if idle:
        raise FaultInvalidError(
            f"{idle[0]} means nothing to {fault.place}:{fault.effect}", f"leave {idle[0]} out"
        )


def _near(word: str, known: Iterable[str], *more: str) -> str:
    choices = [str(choice) for choice in known]
    near = difflib.get_close_matches(word.lower().replace("_", "-")[:64], choices, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join([*more, *choices])}"


class FaultBook:
    """The faults of a rehearsal, each used up as often as it acts. Tried in order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Every fault is still to come."""
        self._faults = tuple(faults)
        self._seen = [0] * len(self._faults)

    def due(self, place: Place, subject: str) -> Fault | None:
        """The first fault that befalls this request, counted; None lets it through.

        ``subject`` is the text that ``match`` is looked for in.
        """
        for number, fault in enumerate(self._faults):
            if fault.place is not place or fault.match not in subject:
                continue
            if fault.times is not None and self._seen[number] >= fault.skip + fault.times:
                continue
            self._seen[number] += 1
            if self._seen[number] > fault.skip:
                return fault
        return None
