"""What the overview shows. Texts are ready to be read; nothing is escaped for any format.

Places and lengths in charts are percent of the space that the chart has, as texts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A track that is not there and wants somebody: why in words, and what the provider said."""

    title: str
    words: str
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A sum of money: ``kind`` is what became of it, ``word`` says so, ``text`` is its figure."""

    kind: str
    word: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a bar, from ``start``, ``length`` long; ``kind`` as of :class:`Amount`."""

    kind: str
    start: str
    length: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumCard:
    """One album. ``page`` and ``cover`` are paths from the overview, None where neither lies.

    ``sleeve`` is ``d`` of an SVG path that stands for a cover; None where nothing was measured.

    ``missing`` counts tracks by what they are waiting for. ``cost`` is what is spent of the budget,
    ``parts`` the same as a bar: none where there is no budget. ``kinds`` are the sums that are not
    simply charged.
    """

    id: str
    title: str
    artist: str | None
    page: str | None
    cover: str | None
    sleeve: str | None
    facts: tuple[str, ...]
    missing: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    more_troubles: int
    cost: str
    kinds: tuple[Amount, ...]
    parts: tuple[Part, ...]
    is_over_budget: bool
    last_purchase: str | None
    last_purchase_text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label of an axis."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One period: its bar from the bottom up, and what to say of it."""

    start: str
    width: str
    parts: tuple[Part, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: what it is about, and an amount a column."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChart:
    """Money over time: ``unit`` is the length of a period, ``span`` says from when to when."""

    unit: str
    span: str
    columns: tuple[Column, ...]
    heights: tuple[Tick, ...]
    periods: tuple[Tick, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumBar:
    """One album's money beside the others', as words and as a bar."""

    title: str
    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Where the money went: ``kinds`` are the sums that a table has a column for, and one for their
    sum where there are several."""

    total: str
    kinds: tuple[Amount, ...]
    over_time: TimeChart
    bars: tuple[AlbumBar, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The page of all albums; ``spending`` is None where nothing was ever bought."""

    facts: tuple[str, ...]
    cards: tuple[AlbumCard, ...]
    spending: Spending | None
