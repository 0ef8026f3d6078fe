"""A page from its template: style and script inlined, and named by hash in its own policy.

The same view gives the same bytes: nothing is read but the files beside this module.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from pipeline.core.findings.characters import code_point

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent
_BASE_STYLES = ("shared/base.css",)
_HEAD_SCRIPTS = ("shared/theme.js",)  # runs before the body is drawn, so that nothing flashes
_CLOSES_EARLY = re.compile(r"</(style|script)|<!--", re.IGNORECASE)
# HTML has no sign for a control character, and UTF-8 none for half a surrogate pair
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page is made of: paths in this folder; sources of a kind are joined in this order."""

    template: str
    styles: tuple[str, ...]
    scripts: tuple[str, ...]


def page_bytes(page: Page, **view: object) -> bytes:
    """The page as UTF-8. ``view`` is what its template speaks of; whatever text it holds stays
    text. Raises ``jinja2.UndefinedError`` for a name that the template knows and the view lacks.
    """
    template = _environment().get_template(page.template)
    return template.render(**_frame(page), **view).encode()


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # not before there is a page

    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_written,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


@cache
def _frame(page: Page) -> dict[str, Markup | str]:
    style = _inlined((*_BASE_STYLES, *page.styles))
    head_script = _inlined(_HEAD_SCRIPTS)
    script = _inlined(page.scripts)
    return {
        "policy": _policy(styles=(style,), scripts=(head_script, script)),
        "style": Markup(style),  # noqa: S704 - a file of this package
        "head_script": Markup(head_script),  # noqa: S704
        "script": Markup(script),  # noqa: S704
    }


def _inlined(paths: Iterable[str]) -> str:
    text = "\n".join((FOLDER / path).read_text(encoding="utf-8") for path in paths)
    assert not _CLOSES_EARLY.search(text), f"{paths} would end the element that they are in"
    return text


def _policy(*, styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Nothing is fetched but pictures and audio beside the page.

    ``file:`` is said beside ``'self'`` because browsers differ in whether a file is itself.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {' '.join(map(_source, styles))}",
            f"script-src {' '.join(map(_source, scripts))}",
            "img-src 'self' file:",
            "media-src 'self' file:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _source(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _written(expression: object) -> object:
    """What is written for an expression: control characters spelled out as ``<U+0007>``."""
    if isinstance(expression, str) and not isinstance(expression, Markup):
        return _UNWRITABLE.sub(lambda found: f"<{code_point(found[0])}>", expression)
    return expression
