"""Lock files that cannot be read, written again from the journal and every line that can."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.lock_file import LockFile
from pipeline.core.lock.document import Lock
from pipeline.core.lock.salvage import salvage
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.wanted.album import Album
from pipeline.errors import LockDamaged

NEWER = "newer songmake"


class LockMender:
    """Called with each damaged lock; gives what its lines still say, both sides of a conflict.

    The file is copied aside first. ``told`` are the attempts of all of them, ``mended`` pairs of a
    path and what was done, ``unread`` pairs of a path and what could not be read.
    """

    def __init__(self, journal: str) -> None:
        self.told: list[Attempt] = []
        self.mended: list[tuple[str, str]] = []
        self.unread: list[tuple[str, str]] = []
        self._journal = journal

    def __call__(self, album: Album, file: LockFile, damage: LockDamaged) -> Lock:
        """Raises ``damage`` where lines are no help: another album's, or a newer form."""
        try:
            text = file.path.read_bytes().decode(errors="replace")
        except OSError:
            raise damage from None
        saved = salvage(text, album=album.id)
        if saved.albums not in ((), (album.id,)) or NEWER in damage.message:
            raise damage
        rows = {row.attempt.client_request_id: row for row in file.read_tail(album.id)}
        kept = _copied_aside(file.path)
        rows |= {row.attempt.client_request_id: row for row in saved.rows}
        self.told += [row.attempt for row in rows.values()]
        self.mended.append(
            (file.shown, f"written again from journal and lines; as it was: {kept.name}")
        )
        if saved.unread:
            numbers = ", ".join(map(str, saved.unread[:10]))
            self.unread.append((
                str(kept),
                f"line {numbers} cannot be read and may be a purchase: the lock names no journal, "
                "and nothing is bought for the album until somebody takes over",
            ))  # fmt: skip
        return Lock(
            album=album.id,
            journal=saved.owner(self._journal),
            rows=tuple(rows.values()),
            measurements=saved.measurements,
        )


def _copied_aside(path: Path) -> Path:
    number = 1
    while (kept := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    kept.write_bytes(path.read_bytes())
    return kept
