"""The use case of ``songmake render --frozen``: what lock, journal and store give, and no more.

Nothing is asked of any provider, the embedded engine included, and no lock file is written. The
journal takes in what the locks know, so that it can record what is published.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from pipeline.adapters.blob_store import BlobStore, checksum_of
from pipeline.adapters.journal.sqlite import Journal
from pipeline.core.purchase.attempt import State, StoredAudio
from pipeline.core.purchase.plan import Action
from pipeline.core.run.ending import ending_of
from pipeline.core.run.events import Event, TakeChanged, Warned
from pipeline.core.run.outcome import exit_code_of
from pipeline.core.store.gaps import Gap, Holdings, gap_of
from pipeline.core.wanted.album import Checksum, TakeRef
from pipeline.errors import FROZEN_PRECEDENCE, BlobDamaged, ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.locks.checking import MEND, lock_problems
from pipeline.runner.locks.reading import read_locks
from pipeline.runner.locks.refusing import refuse_unknown
from pipeline.runner.opening import Snapshot, locked_journal, snapshot_of, store_of
from pipeline.runner.outputs.known import Known
from pipeline.runner.outputs.publishing import Publisher, by_path, desired, publisher_of
from pipeline.runner.rebuild.bringing import bring_all
from pipeline.runner.rebuild.taking_back import blobs_of
from pipeline.runner.render.finishing import Ended, finish, write_summary
from pipeline.runner.render.preparing import plan_takes
from pipeline.runner.render.telling import needing_ears, noting_blames, start_of
from pipeline.runner.workspace import Workspace


def rebuild(
    workspace: Workspace,
    *,
    select: Sequence[str],
    emit: Callable[[Event], None],
    clock: Clock,
) -> Ended:
    """Publishes everything that is there; ``select`` says for which takes gaps count.

    Raises the errors of :mod:`pipeline.errors` for what stops it before it begins.
    """
    started_at = clock.stamp()
    with locked_journal(workspace.folders.state, clock) as journal:
        store = store_of(workspace.folders)
        seen = snapshot_of(workspace, journal, store, clock, read_locks(workspace))
        refuse_unknown(workspace, seen)
        actions = plan_takes(workspace, seen, select_words=select)
        lock_gaps = tuple(_lock_gaps(workspace, seen, journal))
        journal.take_in(seen.arrivals, at=clock.stamp())
        blames: list[Warned] = []
        emit = noting_blames(emit, blames)
        emit(start_of(workspace, actions, seen.attempts))
        held = _holdings(seen, store)
        publisher = publisher_of(workspace, journal, store, clock, reads_bytes=True)
        finished = finish(
            publisher, emit, is_stopped=_never, seen=seen, unsound=held.unsound, is_frozen=True
        )
        causes, known = finished.causes, finished.known
        found = [(action, gap_of(action, seen.ledger, held)) for action in actions]
        gaps = (*lock_gaps, *(gap for _, gap in found if gap is not None))
        causes |= {ExitCode.DIFFERS} if gaps else set()
        ended = _ended(workspace, known, causes, gaps, actions, blames)
        there = _there(publisher, known) if causes else None
        ended = replace(ended, absent=_absent(actions, there))
        _tell(found, lock_gaps, ended, emit)
        write_summary(workspace, ended, started_at=started_at, clock=clock)
        return ended


def _never() -> bool:
    return False


def _holdings(seen: Snapshot, store: BlobStore) -> Holdings:
    """Every blob is read, where it lies or once it was brought: lengths prove nothing."""
    audios = [
        audio
        for audio in blobs_of(seen.attempts).values()
        if store.holds(audio.checksum, audio.format, audio.size_bytes)
    ]
    failures = bring_all(store, audios)
    for error in failures.values():
        if not isinstance(error, BlobDamaged):
            raise error
    sound = frozenset(audio.checksum for audio in audios if _is_sound(store, audio))
    there = frozenset(audio.checksum for audio in audios)
    return Holdings(sound=sound, unsound=there - sound, lying=frozenset(seen.recoverable))


def _is_sound(store: BlobStore, audio: StoredAudio) -> bool:
    path = store.path_of(audio.checksum, audio.format)
    return path.is_file() and checksum_of(path) == Checksum(audio.checksum)


def _lock_gaps(workspace: Workspace, seen: Snapshot, journal: Journal) -> Iterator[Gap]:
    """Locks of this very journal that are behind: elsewhere a rebuild would know less.

    Another machine's journal remembers no lock's shares, and its lines come from the lock.
    """
    foreign = {
        each.file.shown
        for each in seen.locks.found
        if each.lock is not None and each.lock.journal != journal.id
    }
    for where, problem in lock_problems(workspace, seen, journal):
        if where not in foreign:
            yield Gap(where=where, message=problem, hint=MEND)


def _ended(
    workspace: Workspace,
    known: Known,
    causes: set[ExitCode],
    gaps: Sequence[Gap],
    actions: tuple[Action, ...],
    blames: Sequence[Warned],
) -> Ended:
    code = exit_code_of(causes, FROZEN_PRECEDENCE)
    reason = None
    if code is ExitCode.DIFFERS:
        reason = f"{len(gaps)} missing or different: {', '.join(gap.where for gap in gaps)}"
    takes = [action.take for action in actions if action.take is not None]
    states = tuple(known.ledger.states(takes).values())
    ending = ending_of(code, states=states, blames=blames, reason=reason)
    return Ended(
        code=code,
        reason=ending.reason,
        next=ending.next,
        ledger=known.ledger,
        attempts=known.attempts,
        actions=actions,
        needs_ear=needing_ears(workspace, known),
    )


def _there(publisher: Publisher, known: Known) -> frozenset[TakeRef]:
    tracks = desired(publisher.workspace, known.ledger, measurements=known.measurements)
    return publisher.up_to_date(tracks, by_path(known.publications))


def _absent(actions: Sequence[Action], there: Collection[TakeRef] | None) -> frozenset[TakeRef]:
    """Takes that what went wrong leaves without a file, though the journal saw them published."""
    refs = (action.take.ref for action in actions if action.take is not None)
    return frozenset(ref for ref in refs if there is not None and ref not in there)


def _tell(
    found: Sequence[tuple[Action, Gap | None]],
    lock_gaps: Sequence[Gap],
    ended: Ended,
    emit: Callable[[Event], None],
) -> None:
    takes = [action.take for action, _ in found if action.take is not None]
    states = ended.ledger.states(takes)
    for take in takes:
        state = states[take.ref]
        is_gone = state is State.PUBLISHED and take.ref in ended.absent
        note = "its file is not there" if is_gone else None
        emit(TakeChanged(ref=take.ref, state=state, note=note, is_settled=True))
    for gap in lock_gaps:
        emit(Warned(message=gap.line, hint=gap.hint))
    for action, take_gap in found:
        if take_gap is not None and action.take is not None:
            emit(Warned(message=take_gap.line, hint=take_gap.hint, ref=action.take.ref))
