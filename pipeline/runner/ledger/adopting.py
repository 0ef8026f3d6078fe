"""The use case of ``songmake adopt``: audio that was made elsewhere becomes a wanted take's."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.audio_probe import NotAudio
from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.findings.phrases import some_of
from pipeline.core.purchase.adoption import adopted_attempt, refuse_adoption
from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State, StoredAudio
from pipeline.core.purchase.standing import Ledger
from pipeline.core.run.events import Event, Warned
from pipeline.core.wanted.selection import select
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import ExitCode, UsageError
from pipeline.runner.clock import Clock
from pipeline.runner.locks.keeping import kept_locks
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.opening import locked_journal, snapshot_of, store_of
from pipeline.runner.outputs.publishing import publisher_of
from pipeline.runner.outputs.rewriting import learn
from pipeline.runner.render.finishing import finish, finish_locks
from pipeline.runner.render.inspecting import difference, inspect
from pipeline.runner.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """A person's word: this file is that take. ``file`` is only ever read."""

    name: str
    file: Path
    cost_microusd: int
    is_replacing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """What came of it. Not ``is_new``: the take had these very bytes, and has them again."""

    take: WantedTake
    attempt: Attempt
    is_new: bool
    causes: frozenset[ExitCode]


def adopt(
    adoption: Adoption, workspace: Workspace, *, emit: Callable[[Event], None], clock: Clock
) -> Adopted:
    """Takes the file in and publishes it. Sends nothing, needs no key.

    Raises ``UsageError`` for a name that is not one wanted take, a file that is not audio, and a
    take that has an attempt under way, or audio that is not to be replaced.
    """
    folders = workspace.folders
    store = store_of(folders)
    with (
        locked_journal(folders.state, clock) as journal,
        kept_locks(journal, folders.state, workspace, read_locks(workspace)) as locks,
    ):
        learn(workspace, journal, locks.found, clock)
        seen = snapshot_of(workspace, journal, store, clock, locks.found, asks_store=False)
        locks.begin()
        take = named_take(workspace, seen.ledger, adoption.name)
        current = seen.ledger.current(take)
        attempt, is_new = _take_in(adoption, take, current, journal, store, emit, clock)
        publisher = publisher_of(workspace, journal, store, clock)
        causes = finish(publisher, emit, is_stopped=lambda: False).causes
        causes |= finish_locks(locks, emit)
        return Adopted(
            take=take,
            attempt=journal.attempt(attempt.client_request_id),
            is_new=is_new,
            causes=frozenset(causes),
        )


def named_take(workspace: Workspace, ledger: Ledger, name: str) -> WantedTake:
    """The one wanted take of that name. Raises ``UsageError``."""
    takes = select(workspace.takes, [name], ledger.states(workspace.takes))
    if len(takes) > 1:
        listed = some_of(f"'{take.ref}'" for take in takes)
        raise UsageError(f"'{name}' means {len(takes)} takes", hint=f"name one of them: {listed}")
    return takes[0]


def _take_in(
    adoption: Adoption,
    take: WantedTake,
    current: Attempt | None,
    journal: Journal,
    store: BlobStore,
    emit: Callable[[Event], None],
    clock: Clock,
) -> tuple[Attempt, bool]:
    refuse_adoption(take.ref, current, is_replacing=True)
    nonce, at = clock.nonce(), clock.stamp()
    partial = store.desk.partial_path(f"adopted.{nonce}")
    try:
        audio = _copied(adoption.file, partial, take)
        is_known = current is not None and _is_the_same(current, audio)
        if not is_known:
            refuse_adoption(take.ref, current, is_replacing=adoption.is_replacing)
        asyncio.run(store.take_in(partial, audio.checksum, audio.format))
    finally:
        partial.unlink(missing_ok=True)
    if current is not None and is_known:
        if current.state is State.LOST:
            journal.record_stored(current.client_request_id, audio=audio, at=at)
        return current, False
    attempt = adopted_attempt(
        take, current, audio, cost_microusd=adoption.cost_microusd, nonce=nonce, at=at
    )
    journal.adopt(attempt, replaces=current.client_request_id if current else None, at=at)
    words = difference(audio, take.audio)
    if words is not None:
        emit(Warned(message=f"{take.ref}: {words}", ref=take.ref))
    return attempt, True


def _copied(file: Path, partial: Path, take: WantedTake) -> StoredAudio:
    """Copies first and looks at the copy: the file may be changing."""
    shutil.copyfile(file, partial)
    try:
        return inspect(partial, take.audio)
    except NotAudio as error:
        raise UsageError(
            f"{file}: {error.reason}: not adopted", hint="adopt an mp3, wav, flac or ogg file"
        ) from error


def _is_the_same(current: Attempt, audio: StoredAudio) -> bool:
    """Whether the take has these very bytes: then they only go back to the store."""
    is_there_or_lost = current.state in HAS_AUDIO or current.state is State.LOST
    if current.audio is None or not is_there_or_lost:
        return False
    return current.audio.checksum == audio.checksum
