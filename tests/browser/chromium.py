"""Where Chromium is on this machine; run as a program, it installs it where that is quick.

``python -m tests.browser.chromium`` does so as root with apt-get, says what it did, and ends well
whatever came of it: without Chromium the browser tests are skipped, and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "SONGMAKE_CHROMIUM"
_COMMANDS = ("chromium", "chromium-browser", "google-chrome")
_OF_MACOS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)
_PACKAGES = ("chromium", "fonts-liberation")
_LONGEST_S = 600
MISSING = (
    "no Chromium to test the pages with. hint: apt-get install chromium, or name one with "
    f"{VARIABLE}=/path/to/chrome"
)


class NoChromium(Exception):
    """There is none, or the one that was named is not there."""


def find_chromium(environment: Mapping[str, str]) -> Path:
    """The program that ``SONGMAKE_CHROMIUM`` names, else one on the path or at macOS's place.

    Raises ``NoChromium``.
    """
    named = environment.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise NoChromium(f"{VARIABLE}={named}: no such program")
        return Path(named)
    for command in _COMMANDS:
        found = shutil.which(command, path=environment.get("PATH"))
        if found:
            return Path(found)
    for path in _OF_MACOS:
        if os.access(path, os.X_OK):
            return path
    raise NoChromium(MISSING)


def _install(environment: Mapping[str, str]) -> str | None:
    """Installs Debian's package; returns why it could not, or None."""
    apt_get = shutil.which("apt-get", path=environment.get("PATH"))
    if apt_get is None or os.geteuid() != 0:
        return "not as root on a Debian"
    quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    wishes = (
        ("update",),
        ("install", "--yes", "--no-install-recommends", *_PACKAGES),
    )
    for words in wishes:
        ended = subprocess.run(
            [apt_get, "-qq", *words], env=quiet, stdin=subprocess.DEVNULL, timeout=_LONGEST_S,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        if ended.returncode:
            return f"apt-get {words[0]} failed: {ended.stdout.strip()[-500:]}"
    return None


def _provide(environment: Mapping[str, str]) -> str | None:
    """Sees to it that there is Chromium; returns what there is to say about it."""
    try:
        find_chromium(environment)
    except NoChromium as missing:
        if environment.get(VARIABLE):
            return str(missing)
        reason = _install(environment)
        if reason is None:
            return f"installed {' and '.join(_PACKAGES)} for the browser tests"
        return f"{missing} (not installed: {reason})"
    return None


if __name__ == "__main__":
    said = _provide(os.environ)
    if said:
        sys.stderr.write(f"{said}\n")
