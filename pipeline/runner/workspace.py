"""What every command starts from: the albums, their takes, and the folders they live in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.money import microusd
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.standing import Ledger
from pipeline.core.store.location import StoreLocation
from pipeline.core.wanted.album import Album, AlbumId, Provider
from pipeline.core.wanted.moves import Moves, continued, moves_of
from pipeline.core.wanted.profile import Profiles
from pipeline.core.wanted.takes import WantedTake, wanted_takes
from pipeline.errors import UsageError
from pipeline.runner.reading import Reading

TakesByAlbum = Mapping[AlbumId, tuple[WantedTake, ...]]

STATE_NAME = ".songmake"
OUTPUT_NAME = "outputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """``state`` holds journal and run lock; ``outputs`` everything that can be rebuilt.

    ``store`` is where the pristine bytes are; None is ``store/`` of the state folder.
    """

    state: Path
    outputs: Path
    store: StoreLocation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Valid albums and their takes, in order."""

    albums: tuple[Album, ...]
    takes: tuple[WantedTake, ...]
    folders: Folders
    profiles: Profiles

    def takes_by_any_provider(self) -> TakesByAlbum:
        """Each album's takes by each provider: a report does not depend on ``--provider``."""
        own: dict[AlbumId, list[WantedTake]] = {album.id: [] for album in self.albums}
        for take in self.takes:
            own[take.ref.album].append(take)
        return {
            album.id: tuple(
                take
                for provider in Provider
                for take in (
                    own[album.id]
                    if provider is album.provider
                    else wanted_takes(replace(album, provider=provider), self.profiles)
                )
            )
            for album in self.albums
        }

    @property
    def moves(self) -> Moves:
        """Which songs go on under another id."""
        return moves_of(self.albums)

    def ledger_of(self, attempts: Iterable[Attempt]) -> Ledger:
        """How the journal's attempts stand, under the names of today.

        Only sketches have to know which songs were bought.
        """
        as_bought = (
            take
            for album in self.albums
            if album.provider is Provider.SKETCH
            for take in wanted_takes(replace(album, provider=Provider.AIMLAPI), self.profiles)
        )
        return Ledger.of(continued(attempts, self.moves), bought_as=as_bought)

    @property
    def providers(self) -> dict[str, Provider]:
        """Each album's provider."""
        return {album.id: album.provider for album in self.albums}

    @property
    def caps_microusd(self) -> dict[AlbumId, int | None]:
        """Each album's lifetime budget."""
        return {
            album.id: None if album.budget_usd is None else microusd(album.budget_usd)
            for album in self.albums
        }


def workspace_of(reading: Reading, folders: Folders) -> Workspace:
    """The workspace of manifests without errors."""
    assert reading.albums is not None
    takes = tuple(
        take for album in reading.albums for take in wanted_takes(album, reading.profiles)
    )
    return Workspace(albums=reading.albums, takes=takes, folders=folders, profiles=reading.profiles)


def find_folders(
    manifests: Sequence[Path],
    *,
    state: Path | None,
    outputs: Path | None,
    here: Path,
    store: StoreLocation | None = None,
) -> Folders:
    """Folders named by hand, else those of the project that the manifests are in.

    Raises ``UsageError`` if the manifests are in several projects and a folder was not named.
    """
    if state is not None and outputs is not None:
        return Folders(state=state, outputs=outputs, store=store)
    roots = {project_root(path, here=here) for path in manifests} or {here}
    if len(roots) > 1:
        shown = ", ".join(sorted(map(str, roots)))
        raise UsageError(
            f"these manifests are in several projects: {shown}",
            hint="render them one by one, or name --state and --output",
        )
    root = roots.pop()
    return Folders(
        state=state or root / STATE_NAME, outputs=outputs or root / OUTPUT_NAME, store=store
    )


def project_root(manifest: Path, *, here: Path) -> Path:
    """The nearest folder above a manifest with ``.songmake/`` or ``.git``, else ``here``."""
    for folder in manifest.resolve().parents:
        if (folder / STATE_NAME).is_dir() or (folder / ".git").exists():
            return folder
    return here
