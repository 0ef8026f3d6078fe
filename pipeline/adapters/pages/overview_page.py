"""``outputs/index.html`` as bytes; its one script keeps a choice of colours."""

from __future__ import annotations

from pipeline.adapters.pages.writing import Page, page_bytes
from pipeline.core.overview.view import Overview

_PAGE = Page(template="overview/page.html", styles=("overview/overview.css",), scripts=())


def overview_page(overview: Overview) -> bytes:
    """The same overview gives the same bytes."""
    return page_bytes(_PAGE, overview=overview)
