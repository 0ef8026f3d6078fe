"""The few shapes that the pictures are made of; colours are classes, so that a page can be dark."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

_STYLE = """\
svg { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
.page { fill: #ffffff } .ink { fill: #1f2328 } .quiet { fill: #59636e }
.title { font-size: 17px; font-weight: 600 } .small { font-size: 12px }
.grid { stroke: #d8dee4 } .goal { stroke: #1f2328; stroke-width: 1.5 } .band { fill: #f6f8fa }
.mark { stroke-width: 2 } .reach { stroke: #59636e; stroke-width: 2 }
.c0 { fill: #1a7f37; stroke: #1a7f37 } .c1 { fill: #0969da; stroke: #0969da }
.c2 { fill: #bc4c00; stroke: #bc4c00 } .c3 { fill: #8250df; stroke: #8250df }
.hollow { fill: #ffffff } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
  .page, .hollow { fill: #0d1117 } .ink { fill: #e6edf3 } .quiet { fill: #9198a1 }
  .grid { stroke: #30363d } .goal { stroke: #e6edf3 } .band { fill: #151b23 }
  .reach { stroke: #9198a1 }
  .c0 { fill: #3fb950; stroke: #3fb950 } .c1 { fill: #4493f8; stroke: #4493f8 }
  .c2 { fill: #f0883e; stroke: #f0883e } .c3 { fill: #ab7df8; stroke: #ab7df8 }
  .hollow { fill: #0d1117 } .line { fill: none }
}
.name { stroke: none }
"""


def picture(width: int, height: int, shapes: Iterable[str], *, title: str) -> str:
    """A whole file; ``title`` is what a screen reader says."""
    body = "\n".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>\n{_STYLE}</style>\n"
        f'<rect class="page" width="{width}" height="{height}" rx="6"/>\n{body}\n</svg>\n'
    )


def text(x: float, y: float, said: str, *, kind: str = "ink", anchor: str = "start") -> str:
    """One line of text; ``kind`` is its classes."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def band(x: float, y: float, width: float, height: float) -> str:
    """A quiet background behind a row."""
    return f'<rect class="band" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"/>'


def dot(x: float, y: float, *, kind: str, radius: float = 5) -> str:
    """A filled circle, or a ring where ``kind`` ends with hollow."""
    return f'<circle class="mark {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'


def diamond(x: float, y: float, *, kind: str) -> str:
    """A filled diamond."""
    corners = f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7z"
    return f'<path class="mark {kind}" d="{corners}"/>'


def path(points: Iterable[tuple[float, float]], *, kind: str) -> str:
    """A line through points."""
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="line {kind}" points="{steps}"/>'
