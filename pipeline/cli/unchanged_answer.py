"""``render`` where nothing has changed since a run that had nothing to do: said again, at once.

It buys nothing and asks nobody: in every doubt it does not answer, and the whole program runs.
"""

from __future__ import annotations

import os
import sys

from pipeline.adapters.unchanged import is_still_so, load_record, lock_run, replace, stamp_now
from pipeline.core.run.unchanged import FORM, Unchanged, sealed
from pipeline.version import __version__

STATE_NAME = ".songmake"
HEARD = ("AIMLAPI_BASE_URL", "TERM", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "CI")
KEY_NAME = "AIMLAPI_KEY"


def answer_to(words: list[str]) -> bytes | None:
    """What there is to say where the run is over: its summary is written."""
    started_at = stamp_now()
    try:
        state = state_here()
        if state is None or None in (sys.stdout, sys.stderr):
            return None
        record = load_record(state, words[0])
        if record is None or record.key != key_of(words):
            return None
        return _answer(record, state, started_at)
    except (OSError, ValueError):
        return None


def _answer(record: Unchanged, state: str, started_at: str) -> bytes | None:
    lock = lock_run(state)
    try:
        if not is_still_so(record, state):
            return None
        first, between, last = record.summary
        summary = f"{first}{started_at}{between}{stamp_now()}{last}"
        outputs = os.path.join(os.path.dirname(state), "outputs")  # noqa: PTH118, PTH120 - start-up
        replace(f"{outputs}/summary.json", summary.encode())
    finally:
        os.close(lock)
    return record.said.encode()


def state_here() -> str | None:
    """The state folder of the project that one stands in."""
    folder = os.getcwd()  # noqa: PTH109 - start-up
    while True:
        state = f"{folder.rstrip('/')}/{STATE_NAME}"
        if os.path.isdir(state):  # noqa: PTH112 - start-up
            return state
        if os.path.lexists(f"{folder.rstrip('/')}/.git") or folder == "/":
            return None
        folder = os.path.dirname(folder)  # noqa: PTH120 - start-up


def key_of(words: list[str]) -> str:
    """A digest of everything but files that what is said and done depends on. Holds no secret."""
    heard = [
        f"{name}={value}"
        for name, value in sorted(os.environ.items())
        if name in HEARD or name.startswith(("SONGMAKE_", "LC_", "LANG"))
    ]
    streams = [str(os.isatty(number)) for number in (0, 1, 2)]
    return sealed("\0".join((
        FORM, __version__, sys.version, sys.executable, __file__, os.getcwd(), str(os.getuid()),  # noqa: PTH109 - start-up
        *streams, _key_kind(os.environ.get(KEY_NAME, "").strip()), *heard, "", *words,
    )))  # fmt: skip


def _key_kind(key: str) -> str:
    """Whether there is a key and whether it could be sent, never which."""
    if not key:
        return "absent"
    return "usable" if key.isascii() and key.isprintable() and " " not in key else "unusable"
