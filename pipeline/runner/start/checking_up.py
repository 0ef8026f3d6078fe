"""Looking at a whole set-up: nothing is sent that costs, nothing is written that stays."""

from __future__ import annotations

import asyncio
import contextlib
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.adapters.machine import has_completion, look_at, requirements_of, versions_of
from pipeline.core.checkup import account, places, records, software
from pipeline.core.checkup.check import Check, failure, ok, refused, skipped, warning
from pipeline.core.purchase.answers import Unreachable
from pipeline.core.purchase.origins import is_loopback
from pipeline.core.store.location import StoreKind
from pipeline.core.wanted.album import Provider
from pipeline.errors import SongmakeError, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.reading import Reading
from pipeline.runner.start.records import Records
from pipeline.runner.workspace import Folders
from pipeline.version import __version__

QUESTION_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """What a command would work with. ``reading`` is None, or why there are no manifests.

    ``manifests`` are the paths that were named, or the default folder. ``key`` and ``base_url``
    may be why they cannot be used.
    """

    manifests: tuple[Path, ...]
    is_named: bool
    reading: Reading | SongmakeError
    folders: Folders
    key: str | SongmakeError | None
    base_url: str | SongmakeError
    is_offline: bool
    shell: str
    home: Path

    @property
    def providers(self) -> frozenset[Provider]:
        """Who is to render; nobody as long as the manifests cannot be read."""
        if isinstance(self.reading, SongmakeError):
            return frozenset()
        return frozenset(album.provider for album in self.reading.albums or ())

    @property
    def is_buying(self) -> bool:
        """Whether an album is to be bought."""
        return Provider.AIMLAPI in self.providers


def check_up(patient: Patient, clock: Clock) -> Iterator[Check]:
    """Every check, one after the other; what goes wrong in one of them is its finding."""
    yield ok(
        "songmake",
        f"{__version__}, Python {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}",
    )
    yield from _software(patient)
    yield _manifests(patient)
    yield from _provider(patient, clock)
    yield from _places(patient)
    kept = Records(reading=patient.reading, folders=patient.folders, is_offline=patient.is_offline)
    for name, look in (
        ("run lock", kept.run_lock),
        ("journal", kept.journal),
        ("lock files", kept.lock_files),
        ("store", kept.store),
        ("editor", lambda: kept.editor(patient.manifests)),
    ):
        yield guarded(name, look)
    yield records.judge_completion(patient.shell, has_completion(patient.shell, patient.home))


def guarded(name: str, look: Callable[[], Check]) -> Check:
    """A check, or why it could not be made."""
    try:
        return look()
    except SongmakeError as error:
        return refused(name, error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return failure(name, f"{where}{error.strerror or error}", hint="mend its permissions")


def _software(patient: Patient) -> Iterator[Check]:
    read = map(software.requirement_of, requirements_of("songmake"))
    needed = [each for each in read if each is not None]
    installed = versions_of({each.package for each in needed})
    yield software.judge_packages(needed, installed)
    if needed:
        yield software.judge_extras(needed, installed, patient.providers)


def _manifests(patient: Patient) -> Check:
    reading = patient.reading
    if isinstance(reading, UsageError) and not patient.is_named:
        return warning("manifests", f"no album yet: {reading.message}",
                       hint="songmake init")  # fmt: skip
    if isinstance(reading, SongmakeError):
        return refused("manifests", reading)
    albums = reading.albums or ()
    return records.judge_manifests(
        reading.diagnostics,
        albums=len(albums),
        songs=sum(len(album.songs) for album in albums),
        is_valid=reading.albums is not None,
    )


def _provider(patient: Patient, clock: Clock) -> Iterator[Check]:
    key, url = patient.key, patient.base_url
    if isinstance(key, SongmakeError):
        yield refused("key", key)
        key = None
    else:
        yield account.judge_key(key, is_buying=patient.is_buying)
    if isinstance(url, SongmakeError):
        yield refused("provider", url)
        return
    if patient.is_offline or not (patient.is_buying or key):
        why = "not asked: --offline" if patient.is_offline else "not asked: no album is bought"
        yield skipped("provider", why)
        yield account.judge_clock(None, now=clock.now())
        return
    answer = asyncio.run(_greet(url, key))
    yield account.judge_reach(urlsplit(url).netloc, answer)
    yield account.judge_clock(answer, now=clock.now())


async def _greet(base_url: str, key: str | None) -> account.Greeting | Unreachable:
    from pipeline.adapters.aimlapi.greeting import greet

    try:
        async with asyncio.timeout(2 * QUESTION_S):
            return await greet(
                base_url, key=key, trust_env=not is_loopback(base_url), deadline_s=QUESTION_S
            )
    except TimeoutError:
        return Unreachable(reason="no answer in time")
    except ImportError:
        return Unreachable(reason="the proxy of this environment cannot be used")


def _places(patient: Patient) -> Iterator[Check]:
    folders = patient.folders
    named = [("state", folders.state), ("outputs", folders.outputs)]
    if folders.store is not None and folders.store.kind is StoreKind.FOLDER:
        named.append(("store", Path(folders.store.place)))
    if isinstance(patient.reading, Reading):
        first = next(iter(patient.manifests))
        named.append(("manifests", first if first.is_dir() else first.parent))
    tried = [
        look_at(path, used, shown=_shown(path), has_locks=used == "state") for used, path in named
    ]
    yield from map(places.judge_place, tried)
    reading = patient.reading
    albums = reading.albums or () if isinstance(reading, Reading) else ()
    yield places.judge_room(tried, sum(song.takes for album in albums for song in album.songs))


def _shown(path: Path) -> str:
    """As one would type it from here."""
    with contextlib.suppress(ValueError):
        return str(path.absolute().relative_to(Path.cwd()))
    return str(path)
