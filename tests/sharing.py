"""Which process runs which tests: a file is one's, and files that share a long wait are one's."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

_TOGETHER = {
    f"tests/answers/{name}.py": "slow runs"
    for name in ("test_downloads", "test_log", "test_lost_answers")
}
_BROWSER = "tests/browser/"  # one start of Chromium serves the whole folder
# Their tests are long and have nothing in common.
_APART = ("tests/docs/test_command_blocks.py",)
# Those that take longest begin first, lest one process work alone in the end.
_FIRST = (
    "tests/docs/test_command_blocks.py",
    "tests/answers/test_downloads.py", "tests/answers/test_log.py",
    "tests/answers/test_lost_answers.py", _BROWSER, "tests/sketch/test_survival.py",
    "tests/answers/test_secrets.py", "tests/cli/test_gc.py", "tests/cli/test_store.py",
    "tests/cli/test_frozen.py", "tests/sketch/test_server.py",
    "tests/crash/test_lock_file.py", "tests/cli/test_reconcile.py",
    "tests/crash/test_lost_state.py", "tests/crash/test_runs_at_once.py",
    "tests/sketch/test_sound.py", "tests/sketch/test_same_song.py",
    "tests/sketch/test_rehearsal.py", "tests/crash/test_kill_9.py",
    "tests/crash/test_signals.py", "tests/cli/test_scheduled.py",
    "tests/sketch/test_commands.py", "tests/sketch/test_mix.py",
    "tests/sketch/test_openapi.py", "tests/adapters/test_audio_levels.py",
    "tests/vendor_selftest/test_vendor.py", "tests/crash/test_disk_full.py",
)  # fmt: skip


def turn_of(nodeid: str) -> int:
    """The place of a test's file in the order of their starts; small is early."""
    path = nodeid.partition("::")[0]
    place = _BROWSER if path.startswith(_BROWSER) else path
    return _FIRST.index(place) if place in _FIRST else len(_FIRST)


class Sharing(LoadFileScheduling):
    """One process a file, or a group of files; a test of the few that stand apart."""

    def _split_scope(self, nodeid: str) -> str:
        path = super()._split_scope(nodeid)
        if path in _APART:
            return nodeid
        return _BROWSER if path.startswith(_BROWSER) else _TOGETHER.get(path, path)
