"""A page that is watched: whatever it asks of the network, logs as an error or breaks is noted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    # A request that is not blocked before ends at a port where nobody listens.
    "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>",
)  # fmt: skip
_OWN = ("file:", "data:", "blob:", "about:")
_PATIENCE_MS = 10_000
DESKTOP = (1280, 800)
PHONE = (360, 740)


@dataclass(slots=True)
class Troubles:
    """What pages did that they must not, in words and in order."""

    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Notes requests, errors and policy violations of all pages of a context from now on."""
        context.on("request", lambda request: self._request(request))
        context.on("console", lambda message: self._console(message))
        context.on("weberror", lambda error: self.found.append(f"exception: {error.error}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith(_OWN):
            self.found.append(f"request: {request.method} {request.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # Violations of the Content-Security-Policy are logged as errors, too.
        if message.type == "error":
            self.found.append(f"console: {message.text} ({message.location['url']})")


@dataclass(slots=True)
class Visiting:
    """Opens pages, each in a context of its own: no cookies, no network, nothing remembered."""

    browser: Browser
    troubles: Troubles = field(default_factory=Troubles)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(
        self,
        path: Path,
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: str = "light",
        **options: Any,
    ) -> Page:
        """The page of a file, loaded. ``size`` in CSS pixels; ``options`` of ``new_context``."""
        width, height = size
        wishes = {
            "viewport": {"width": width, "height": height},
            "color_scheme": scheme,
            "locale": "en-US",
            "timezone_id": "Pacific/Auckland",  # a page must not show times of the machine's zone
            "offline": True,
            **options,
        }
        context = self.browser.new_context(**wishes)
        self._contexts.append(context)
        context.set_default_timeout(_PATIENCE_MS)
        self.troubles.watch(context)
        page = context.new_page()
        page.goto(path.resolve().as_uri())
        return page

    def close(self) -> None:
        """Closes every page that was opened."""
        for context in self._contexts:
            context.close()


@contextmanager
def visiting(browser: Browser) -> Iterator[Visiting]:
    """Pages to be opened; closed at the end. Whoever opens them asks for the troubles."""
    pages = Visiting(browser)
    try:
        yield pages
    finally:
        pages.close()
