"""Whether folders and their file system do what durability and the run lock stand on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.checkup.check import Check, failure, ok, warning
from pipeline.core.findings.phrases import size_text

LEAST_FREE_BYTES = 100 * 10**6
GOOD_FREE_BYTES = 10**9
TAKE_BYTES = 25 * 10**6  # twice in store and outputs, and once on its way in: five minutes of mp3
SHARED_KINDS = frozenset(
    {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf",
     "virtiofs"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A folder as it was tried. ``used_for`` is ``state``, ``outputs``, …; ``shown`` its path.

    ``is_there`` is False if the nearest folder above it was tried in its place. ``broken`` are the
    steps that went wrong, with the reason. ``kind`` is the file system's, empty if not known.
    """

    used_for: str
    shown: str
    is_there: bool
    broken: tuple[str, ...]
    kind: str
    free_bytes: int | None
    device: int


def judge_place(place: Place) -> Check:
    """Whether songmake can work in a folder."""
    name, where = f"{place.used_for} folder", place.shown
    if place.broken:
        return failure(
            name,
            f"{where}: {'; '.join(place.broken)}",
            hint=f"mend its permissions, or name another: {_flag(place)}",
        )
    if place.used_for == "state" and place.kind in SHARED_KINDS:
        return warning(
            name,
            f"{where} is on {place.kind}: a database and locks are not safe across machines there",
            hint="put it on a local disk: --state DIR, and share the audio instead: --store",
        )
    made = "" if place.is_there else ", to be made by the first render"
    return ok(name, f"{where} can be written{made}")


def _flag(place: Place) -> str:
    known = {"state": "--state DIR", "outputs": "--output DIR", "store": "--store URL"}
    return known.get(place.used_for, "another folder")


def judge_room(places: Iterable[Place], takes: int) -> Check:
    """Whether the disks have room for what is wanted, each disk once."""
    needed = max(GOOD_FREE_BYTES, takes * TAKE_BYTES)
    disks = {
        place.device: place for place in reversed(tuple(places)) if place.free_bytes is not None
    }
    if not disks:
        return warning("disk", "how much room there is cannot be told", hint="df -h")
    tight = min(disks.values(), key=lambda place: place.free_bytes or 0)
    free = tight.free_bytes or 0
    told = f"{size_text(free)} free at {tight.shown}"
    if free < LEAST_FREE_BYTES:
        return failure("disk", f"only {told}", hint="make room; what is unused: songmake gc")
    if free < needed:
        return warning("disk", f"{told}; {size_text(needed)} would be comfortable",
                       hint="make room; what is unused: songmake gc")  # fmt: skip
    return ok("disk", told)


def kind_at(path: str, mounts: Sequence[tuple[str, str]]) -> str:
    """The file system of an absolute path, out of mount points and their kinds."""
    best, kind = "", ""
    for point, found in mounts:
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, found
    return kind
