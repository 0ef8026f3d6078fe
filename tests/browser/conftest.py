"""One Chromium for all tests of this folder; skipped, with the reason, where there is none."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import NoChromium, find_chromium
from tests.browser.watching import FLAGS, Visiting, visiting


# Not for the session: while it lives, its event loop is the thread's, and no other can run there.
@pytest.fixture(scope="package")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Headless Chromium, with a profile and a home of its own."""
    try:
        program = find_chromium(os.environ)
    except NoChromium as missing:
        pytest.skip(str(missing))
    home = str(tmp_path_factory.mktemp("browser"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), env={**os.environ, "HOME": home}
        )
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visiting]:
    """Opens pages; afterwards none of them may have had trouble."""
    with visiting(browser) as pages:
        yield pages
        assert not pages.troubles.found, "\n".join(pages.troubles.found)
