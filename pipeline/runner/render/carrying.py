"""Each take's way through a run, and the run as a whole."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import assert_never

from pipeline.core.handover.tracks import TrackFile
from pipeline.core.purchase.attempt import COLLECTABLE, HAS_AUDIO, STUCK, Attempt, State, asked_of
from pipeline.core.purchase.mends import settle_hint
from pipeline.core.purchase.plan import Action, Buy, Collect, Keep, LookUp, Publish, Share, Stuck
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import UNMEASURED
from pipeline.core.wanted.album import AudioSetting, Digest, Provider, TakeRef
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import BlobDamaged, ExitCode, SongmakeError, StorageFull
from pipeline.runner.outputs.publishing import Publisher, desired
from pipeline.runner.render.booking import book
from pipeline.runner.render.buying import buy
from pipeline.runner.render.collecting import collect
from pipeline.runner.render.looking_up import LogSearch, Verdict, look_up
from pipeline.runner.render.publishing_aside import publish_aside
from pipeline.runner.render.run import Run
from pipeline.runner.render.slot import Slot

STOP_PATIENCE_S = 1.5


class Carrier:
    """Carries out a plan, every take at once, within the run's limits."""

    def __init__(
        self,
        run: Run,
        publisher: Publisher,
        searches: Mapping[Provider, LogSearch],
        ledger: Ledger,
    ) -> None:
        self._run = run
        self._publisher = publisher
        self._searches = searches
        self._ledger = ledger
        self._takes = _takes_by_digest(publisher.workspace.takes)

    async def carry_all(self, actions: Sequence[Action]) -> None:
        """Returns when every take is as far as it gets, or soon after the run was stopped."""
        tasks = [asyncio.create_task(self._guarded(action)) for action in actions]
        if not tasks:
            return
        everything = asyncio.create_task(_all_done(tasks))
        stopped = asyncio.create_task(_set(self._run.stopped))
        await asyncio.wait({everything, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not everything.done():
            await self._wind_up(tasks)
        stopped.cancel()
        await asyncio.gather(*tasks, everything, stopped, return_exceptions=True)
        await self._record_again()

    async def _record_again(self) -> None:
        """Tries once more to record what the disk refused: it may have room again."""
        run = self._run
        run.store.desk.clear_partials()
        for missed in run.unrecorded:
            with contextlib.suppress(SongmakeError):
                attempt = run.attempt(missed.client_request_id)
                await book(run, attempt, missed.answer.generation_id, missed.answer.cost)

    async def _wind_up(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """Cancels what is free to do again and waits for what costs money."""
        for task in tasks:
            task.cancel()
        for post, sending in self._run.posts.items():
            if not sending.is_recorded:
                post.cancel()
        await asyncio.wait(tasks, timeout=STOP_PATIENCE_S)
        if self._run.posts_out:
            count = self._run.posts_out
            self._run.warn(f"waiting for the answers to {count} paid requests; again to leave now")
        if self._run.posts:
            await asyncio.wait(list(self._run.posts))

    async def _guarded(self, action: Action) -> None:
        run = self._run
        try:
            await self._way_of(action)
        except (OSError, SongmakeError) as error:
            known = error if isinstance(error, SongmakeError) else disk_error(error)
            run.stop_buying(known.message)
            run.warn(known.message, hint=known.hint, code=known.exit_code)
        except Exception as error:  # a bug: the others go on, and it is reported at the end
            run.causes.add(ExitCode.FAILED)
            run.stop_buying("an unexpected error")
            run.bugs.append(error)

    def _way_of(self, action: Action) -> Coroutine[None, None, None]:
        match action:
            case Keep() | Share():
                return _nothing()
            case Publish(attempt=attempt):
                return self._publish(attempt)
            case Collect():
                return self._collect_known(action)
            case LookUp():
                return self._look_up(action)
            case Buy():
                return self._buy(action)
            case Stuck():
                return self._tell_stuck(action)
            case _:
                assert_never(action)

    async def _tell_stuck(self, action: Stuck) -> None:
        self._run.causes.add(ExitCode.FAILED)
        crid = action.attempt.client_request_id
        self._run.tell(crid, ref=action.take.ref, is_settled=True)

    async def _buy(self, action: Buy) -> None:
        run = self._run
        with Slot(run.generations) as slot:
            await slot.take()
            crid, state = await self._submit(action)
            if crid is not None and state is State.SUBMITTED:
                is_waiting = run.settings.is_waiting
                run.tell(crid, is_settled=not is_waiting)
                if is_waiting:
                    await self._collect(
                        crid, action.take.ref, is_new=True, on_rendered=slot.give_back
                    )
                else:
                    run.causes.add(ExitCode.UNFINISHED)
                return
        if crid is None or state is State.PLANNED:
            run.causes.add(ExitCode.UNFINISHED)
            run.tell_unbought(action.take.ref)
            return
        if state in STUCK:
            run.fail()
        run.tell(crid, ref=action.take.ref, is_settled=True)

    async def _submit(self, action: Buy) -> tuple[str | None, State]:
        """Buys and, if the answer was lost, looks it up; no request id if nothing was sent."""
        if self._run.buying_stopped is not None:
            return None, State.PLANNED
        crid = await buy(self._run, action)
        if crid is None:
            return None, State.PLANNED
        attempt = self._run.attempt(crid)
        if attempt.state is State.IN_DOUBT:
            self._run.tell(crid)
            attempt = await self._resolve(attempt)
        return crid, attempt.state

    async def _resolve(self, attempt: Attempt) -> Attempt:
        verdict = await look_up(self._run, attempt, self._searches[attempt.provider])
        if verdict is Verdict.IN_DOUBT:
            self._run.warn(
                f"{attempt.ref} is in doubt: it may have been billed, and is not bought again",
                hint=settle_hint(attempt.ref),
                ref=attempt.ref,
                code=ExitCode.IN_DOUBT,
            )
        return self._run.attempt(attempt.client_request_id)

    async def _look_up(self, action: LookUp) -> None:
        self._run.tell(action.attempt.client_request_id, ref=_ref_of(action))
        attempt = await self._resolve(action.attempt)
        if attempt.state is State.SUBMITTED:
            self._run.tell(attempt.client_request_id)
            await self._collect_known(
                Collect(take=action.take, attempt=attempt, reason="found in the log")
            )
        elif attempt.state is State.PLANNED and action.take is not None:
            await self._buy(Buy(take=action.take, number=attempt.number, reason="never sent"))
        else:
            self._run.tell(attempt.client_request_id, is_settled=True)

    async def _collect_known(self, action: Collect) -> None:
        """Collects what an earlier run paid for; it counts as in flight where there is room."""
        is_published = action.take is None and action.attempt.state is State.PUBLISHED
        if not is_published:
            self._run.tell(action.attempt.client_request_id, ref=_ref_of(action))
        with Slot(self._run.generations) as slot:
            if not self._run.generations.locked():
                await slot.take()
            await self._collect(
                action.attempt.client_request_id,
                action.attempt.ref,
                is_new=False,
                is_published=is_published,
                on_rendered=slot.give_back,
            )
        after = self._run.attempt(action.attempt.client_request_id)
        if after.state is State.PLANNED and action.take is not None:
            await self._buy(Buy(take=action.take, number=after.number, reason="sketch it again"))

    async def _collect(
        self,
        client_request_id: str,
        ref: TakeRef,
        *,
        is_new: bool,
        is_published: bool = False,
        on_rendered: Callable[[], None],
    ) -> None:
        await collect(
            self._run,
            client_request_id,
            ref,
            self._asked,
            is_new=is_new,
            is_published=is_published,
            on_rendered=on_rendered,
        )
        after = self._run.attempt(client_request_id)
        if after.state is State.PUBLISHED:
            return
        if after.state in HAS_AUDIO:
            await self._publish(after)
        elif after.state not in COLLECTABLE:
            is_over = after.state is not State.PLANNED  # a sketch that was forgotten is made again
            self._run.tell(after.client_request_id, is_settled=is_over)

    def _asked(self, attempt: Attempt) -> AudioSetting | None:
        takes = self._takes.get(attempt.digest)
        return takes[0].audio if takes else asked_of(attempt)

    async def _publish(self, attempt: Attempt) -> None:
        """Publishes an attempt's audio for every take that wants it, unless the run is ending."""
        await asyncio.sleep(0)
        digest = attempt.digest
        takes = self._takes.get(digest, ())
        ledger = self._ledger.narrowed(digest, self._run.journal.attempts_of(digest))
        # heard at once; its ReplayGain follows at the end, when the album's loudness is known.
        # A file that a lost journal wrote can be told from a stranger's only then
        heard = desired(self._publisher.workspace, ledger, takes, measurements=UNMEASURED)
        tracks = [track for track in heard if not self._publisher.lies_unrecorded(track)]
        await self._bring(tracks)
        for note in await publish_aside(self._run, self._publisher, tracks):
            self._run.warn(note)
        for ref in [take.ref for take in takes] or [attempt.ref]:
            self._run.tell(attempt.client_request_id, ref=ref, is_settled=True)

    async def _bring(self, tracks: Sequence[TrackFile]) -> None:
        """Has the store's bytes on this machine. Raises ``BlobDamaged`` and the store's errors."""
        for track in tracks:
            assert track.source.audio is not None
            try:
                async with self._run.store_slots:
                    await self._run.store.bring(track.source.audio)
            except BlobDamaged as error:
                raise BlobDamaged(f"{track.ref}: {error.message}", hint=error.hint) from error


def _ref_of(action: Collect | LookUp) -> TakeRef:
    return action.attempt.ref if action.take is None else action.take.ref


async def _nothing() -> None:
    """What is there already needs no more."""


async def _all_done(tasks: Sequence[asyncio.Task[None]]) -> None:
    await asyncio.wait(tasks)


async def _set(event: asyncio.Event) -> None:
    await event.wait()


def _takes_by_digest(takes: Sequence[WantedTake]) -> dict[Digest, tuple[WantedTake, ...]]:
    found: dict[Digest, list[WantedTake]] = {}
    for take in takes:
        for digest in take.digests:
            found.setdefault(digest, []).append(take)
    return {digest: tuple(sharing) for digest, sharing in found.items()}


def disk_error(error: OSError) -> StorageFull:
    """What the operating system refused, as an error for the user."""
    where = f"{error.filename}: " if error.filename else ""
    return StorageFull(
        f"{where}{error.strerror or error}",
        hint="nothing is lost: make room or mend the folder, then: songmake render",
    )
