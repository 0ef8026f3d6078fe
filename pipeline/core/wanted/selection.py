"""``--select`` and ``--replace``: which takes a word on the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import UsageError

MOST_TOLD = 4  # songs whose takes are counted for somebody who named a wrong one


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One parsed selector; ``text`` is what was typed."""

    text: str
    song: str | None = None  # a glob over ``song`` or ``album/song``
    take: int | None = None
    tag: str | None = None
    state: State | None = None

    def matches(self, take: WantedTake, state: State) -> bool:
        """Whether the take, standing in ``state``, is meant."""
        if self.tag is not None:
            return any(fnmatchcase(tag, self.tag) for tag in take.tags)
        if self.state is not None:
            return state is self.state
        name = take.ref.song if "/" not in str(self.song) else f"{take.ref.album}/{take.ref.song}"
        return fnmatchcase(name, self.song or "*") and self.take in (None, take.ref.number)


def parse_selector(text: str) -> Selector:
    """Reads ``coda``, ``album/coda``, ``coda#2``, globs, ``tag:closer``, ``state:failed``.

    Raises ``UsageError`` for a state or take number that cannot be.
    """
    if text.startswith("tag:"):
        return Selector(text=text, tag=text.removeprefix("tag:"))
    if text.startswith("state:"):
        return Selector(text=text, state=_state(text))
    song, mark, number = text.partition("#")
    if not song or (
        mark
        and not (number.isascii() and number.isdigit() and 0 < int(number[:9]) == int(number[:10]))
    ):
        raise UsageError(
            f"'{text}' selects nothing: it is not a song, song#take, tag: or state:",
            hint="write a song's id, such as --select coda or --select 'coda#2'",
        )
    return Selector(text=text, song=song, take=int(number) if mark else None)


def _state(text: str) -> State:
    word = text.removeprefix("state:")
    try:
        return State(word)
    except ValueError:
        near = get_close_matches(word, [state.value for state in State], n=1)
        known = ", ".join(state.value for state in State)
        hint = f"did you mean state:{near[0]}?" if near else f"the states are {known}"
        raise UsageError(f"'{word}' is not a state", hint=hint) from None


def select(
    takes: Iterable[WantedTake],
    selectors: Iterable[str],
    states: Mapping[TakeRef, State],
) -> tuple[WantedTake, ...]:
    """The takes that any selector means, in their order; no selector means all.

    Raises ``UsageError`` for a selector that matches nothing.
    """
    takes = tuple(takes)
    chosen: set[TakeRef] = set()
    texts = tuple(selectors)
    for selector in map(parse_selector, texts):
        hits = {take.ref for take in takes if selector.matches(take, states[take.ref])}
        if not hits:
            raise _no_match(selector, takes)
        chosen |= hits
    return tuple(take for take in takes if take.ref in chosen) if texts else takes


def _no_match(selector: Selector, takes: tuple[WantedTake, ...]) -> UsageError:
    songs = sorted({str(take.ref.song) for take in takes})
    near = get_close_matches(selector.song or "", songs, n=1)
    hint = f"did you mean '{near[0]}'?" if near else "see every take: songmake status --all"
    if selector.take is not None:
        hint = _takes_there(selector, takes) or hint
    return UsageError(f"'{selector.text}' matches no take of these albums", hint=hint)


def _takes_there(selector: Selector, takes: tuple[WantedTake, ...]) -> str | None:
    """Which takes the songs have that a selector means but for its number."""
    whole = replace(selector, take=None)
    hits = [take.ref for take in takes if whole.matches(take, State.PLANNED)]
    counts = {f"{ref.album}/{ref.song}": ref.number for ref in hits}  # the last is the highest
    if not counts:
        return None
    told = [f"{name} has {_numbers(count)}" for name, count in counts.items()]
    return ", ".join(told[:MOST_TOLD]) + (", …" if len(told) > MOST_TOLD else "")


def _numbers(count: int) -> str:
    return "one take: #1" if count == 1 else f"takes #1 to #{count}"
