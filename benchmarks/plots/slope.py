"""What a song costs as albums grow: straight and level is linear."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from benchmarks.measuring import tenfold
from benchmarks.plots.drawing import dot, line, path, picture, text
from benchmarks.row import Point

_WIDTH, _HEIGHT = 760, 400
_NAME = 16  # the height of a name
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 600, 76, 348


def slope_svg(points: Sequence[Point], *, unit: str) -> str:
    """A line a series, its cost in ``unit`` over the number of songs, both logarithmic."""
    series = list(dict.fromkeys(point.series for point in points))
    frame = _Frame(points)
    subtitle = (
        f"CPU a song in {unit}, logarithmic; beside a line: its slope, by what factor a song gets"
        " dearer with ten times the songs"
    )
    shapes = [
        text(20, 30, "What one song costs as an album grows", kind="ink title"),
        text(20, 50, subtitle, kind="quiet small"),
        *frame.grid(),
    ]
    taken: list[float] = []
    for place, name in enumerate(series):
        own = sorted((each.songs, each.cost) for each in points if each.series == name)
        shapes += _drawn(name, own, frame, taken, kind=f"c{place % 4}")
    text_of_x = text((_LEFT + _RIGHT) / 2, _BOTTOM + 40, "songs", kind="quiet small")
    return picture(_WIDTH, _HEIGHT, [*shapes, text_of_x], title="Cost of a song by size of album")


class _Frame:
    """Places songs and costs on the picture; the costs' scale ends at powers of ten."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._songs = (min(one.songs for one in points), max(one.songs for one in points))
        costs = [one.cost for one in points]
        low, high = math.floor(math.log10(min(costs))), math.ceil(math.log10(max(costs)))
        self._powers = (low, max(high, low + 1))

    def at(self, songs: int, cost: float) -> tuple[float, float]:
        """Where a point is."""
        first, last = (math.log10(each) for each in self._songs)
        low, high = self._powers
        x = _LEFT + (math.log10(songs) - first) / max(last - first, 1e-9) * (_RIGHT - _LEFT)
        y = _BOTTOM - (math.log10(cost) - low) / (high - low) * (_BOTTOM - _TOP)
        return x, y

    def grid(self) -> Iterator[str]:
        """The powers of ten, named."""
        for power in range(self._powers[0], self._powers[1] + 1):
            _, y = self.at(self._songs[0], 10.0**power)
            yield line(_LEFT, y, _RIGHT, y, kind="grid")
            name = f"{10**power:,}" if power >= 0 else f"{10.0**power:g}"
            yield text(_LEFT - 10, y + 4, name, kind="quiet small", anchor="end")
        songs = self._songs[0]
        while songs <= self._songs[1]:
            x, _ = self.at(songs, 10.0 ** self._powers[0])
            yield line(x, _TOP, x, _BOTTOM, kind="grid")
            yield text(x, _BOTTOM + 20, f"{songs:,}", kind="quiet small", anchor="middle")
            songs *= 10


def _drawn(
    name: str,
    own: Sequence[tuple[int, float]],
    frame: _Frame,
    taken: list[float],
    *,
    kind: str,
) -> Iterator[str]:
    """The line with its name at its end, below the names that are there; adds to ``taken``."""
    places = [frame.at(songs, cost) for songs, cost in own]
    yield path(places, kind=kind)
    yield from (dot(x, y, kind=kind, radius=4) for x, y in places)
    x, y = places[-1]
    while any(abs(y - other) < _NAME for other in taken):
        y += 1
    taken.append(y)
    yield text(x + 12, y + 4, f"{name} ×{tenfold(own):.2f}", kind=f"{kind} name small")
