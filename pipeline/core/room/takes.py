"""Takes as the room shows them, and what differs between those of a song."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.core.findings.phrases import length_text
from pipeline.core.money import sum_text
from pipeline.core.purchase.attempt import Attempt, State, balance_of
from pipeline.core.purchase.mends import mend_of
from pipeline.core.purchase.state_words import STATE_WORDS
from pipeline.core.room.hearing import Heard
from pipeline.core.room.view import Comparison, TakeRoom
from pipeline.core.room.words import (
    MINUS,
    level_text,
    moment_text,
)
from pipeline.core.wanted.album import Provider

NONE = "–"
MOST_DIGITS = 9
_GAIN_STEP = Decimal("0.0001")
_LEAST_HEARD = Decimal("0.05")  # what a tenth of a decibel rounds up from


def shown_takes(heard: Sequence[Heard]) -> tuple[Heard, ...]:
    """Of a song's takes by every provider those that a page shows: bought ones, then sketches.

    A take that nobody tried yet is shown once, as one to be bought.
    """
    tried = {each.take.ref.number for each in heard if each.is_shown}
    return tuple(
        each
        for provider in (Provider.AIMLAPI, Provider.SKETCH)
        for each in heard
        if each.take.provider is provider
        and (each.is_shown or (provider is Provider.AIMLAPI and each.take.ref.number not in tried))
    )


def take_rooms(heard: Sequence[Heard]) -> tuple[TakeRoom, ...]:
    """The takes of one song, matched in loudness to the quietest that can be heard."""
    levels = [level for each in heard if each.url and (level := _lufs(each)) is not None]
    quietest = min(levels, default=None)
    return tuple(_take_room(each, quietest, place) for place, each in enumerate(heard, start=1))


def _take_room(heard: Heard, quietest: Decimal | None, place: int) -> TakeRoom:
    take, sounding = heard.take, heard.sounding
    is_sketch = take.provider is Provider.SKETCH
    number = take.ref.number
    audio = sounding.audio if sounding else None
    lufs = _lufs(heard) if heard.url else None
    excess = None if lufs is None or quietest is None else lufs - quietest
    state = heard.current.state if heard.current else State.PLANNED
    return TakeRoom(
        key=f"s{number}" if is_sketch else str(number),
        digit=place if place <= MOST_DIGITS else None,
        name=f"Sketch {number}" if is_sketch else f"Take {number}",
        number=number,
        is_sketch=is_sketch,
        state=state,
        audio=heard.url,
        milliseconds=audio.milliseconds if audio and heard.url else 0,
        length=length_text(audio.milliseconds) if audio and heard.url else None,
        loudness=None if lufs is None else level_text(lufs, "LUFS"),
        gain=None if excess is None else f"{_gain(excess):f}",
        quieter=f"{MINUS}{excess:.1f} dB" if excess and excess >= _LEAST_HEARD else None,
        waveform=heard.measured.waveform if heard.measured and heard.url else None,
        cost=cost_text(heard),
        findings=tuple(found.message for found in heard.findings or ()),
        remarks=tuple(_remarks(heard, state)),
        error=heard.current.error if heard.current else None,
        next_command=next_command(heard),
    )


def _lufs(heard: Heard) -> Decimal | None:
    return heard.measured.loudness_lufs if heard.measured else None


def _gain(excess_lu: Decimal) -> Decimal:
    """The factor on amplitudes that makes audio quieter by so many decibels."""
    return (Decimal(10) ** (-excess_lu / 20)).quantize(_GAIN_STEP)


def next_command(heard: Heard) -> str | None:
    """What moves a take on; None if it is where it should be."""
    is_gone = heard.url is None and heard.current and heard.current.state is State.PUBLISHED
    if is_gone:
        return "songmake render"
    return mend_of(heard.take.ref, heard.current, is_wanted=True)


def _remarks(heard: Heard, state: State) -> Iterator[str]:
    sounding, current = heard.sounding, heard.current
    if heard.url is None and state is State.PUBLISHED:
        yield "published once, and its file is not there"
    elif state is not State.PUBLISHED:
        yield STATE_WORDS[state]
    if heard.is_outdated:
        yield "what lies here was asked for before the manifest was changed"
    elif sounding is not None and current is not None and sounding is not current:
        yield "what you hear is the attempt that it replaces"
    if sounding is not None and sounding.is_adopted:
        yield "made elsewhere and adopted"
    elif current is not None and current.ref != heard.take.ref:
        yield f"the same request as {current.ref}: bought once"


def cost_text(heard: Heard) -> str:
    """What this very take cost, all its attempts together."""
    own = tuple(heard.own)
    if heard.take.provider is Provider.SKETCH:
        return "free"
    if not heard.attempts:
        return NONE
    if not own:
        return f"paid with {heard.attempts[-1].ref}"
    return sum_text(balance_of(own)) or "nothing charged"


_SAID_OF_EACH = ("Length", "Loudness", "Findings", "Cost")


def comparisons(heard: Sequence[Heard]) -> tuple[Comparison, ...]:
    """What the takes of a song have alike and what not; a line that says nothing is left out.

    A take that is alone is compared with nothing: what its own line does not say already.
    """
    rows = (
        ("Length", [_length(each) for each in heard]),
        ("Loudness", [_level(_lufs(each), "LUFS") for each in heard]),
        ("True peak", [_true_peak(each) for each in heard]),
        ("Findings", [_finding_names(each) for each in heard]),
        ("Made by", [_maker(each) for each in heard]),
        ("Requested", [_requested(each.sounding or each.current) for each in heard]),
        ("Attempts", [_attempts(each) for each in heard]),
        ("Cost", [cost_text(each) for each in heard]),
    )
    return tuple(
        Comparison(label=label, cells=tuple(cells))
        for label, cells in rows
        if any(cell != NONE for cell in cells) and (len(heard) > 1 or label not in _SAID_OF_EACH)
    )


def _length(heard: Heard) -> str:
    audio = heard.sounding.audio if heard.sounding else None
    return NONE if audio is None else length_text(audio.milliseconds)


def _level(level: Decimal | None, unit: str) -> str:
    return NONE if level is None else level_text(level, unit)


def _true_peak(heard: Heard) -> str:
    return _level(heard.measured.true_peak_dbtp if heard.measured else None, "dBTP")


def _finding_names(heard: Heard) -> str:
    if heard.findings is None:
        return NONE
    return ", ".join(found.code.value.replace("-", " ") for found in heard.findings) or "none"


def _maker(heard: Heard) -> str:
    made = heard.sounding or heard.current
    if made is None:
        return NONE
    if made.is_adopted:
        return "adopted"
    return "sketch engine" if made.provider is Provider.SKETCH else made.model


def _requested(attempt: Attempt | None) -> str:
    return NONE if attempt is None else moment_text(attempt.submitted_at or attempt.intent_at)


def _attempts(heard: Heard) -> str:
    count = len(heard.attempts)
    return str(count) if count > 1 else NONE
