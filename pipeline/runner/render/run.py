"""One render run: what it works with, and what has come of it so far."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from pipeline.adapters.blob_store import BlobStore
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.writer import JournalWriter
from pipeline.core.purchase.answers import Accepted
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.purchase.budget import Caps
from pipeline.core.purchase.pacing import pause_s
from pipeline.core.run.events import Event, TakeChanged, Waiting, Warned
from pipeline.core.run.expecting import History, kind_of
from pipeline.core.wanted.album import Provider, TakeRef
from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock, moment_of
from pipeline.runner.locks.keeping import LockKeeper
from pipeline.runner.render.asking import Asking
from pipeline.runner.render.unpublished import Unpublished

if TYPE_CHECKING:  # planning needs the settings, not the network
    from pipeline.adapters.aimlapi.cdn import Cdn
    from pipeline.adapters.aimlapi.client import ApiClient

T = TypeVar("T")

STORE_SLOTS = 4  # transfers to or from the store at a time
MOST_SOUND_THREADS = 8  # each keeps some 8 MB
POST_SLOTS = 4  # a crash leaves at most this many answers lost, whatever --jobs says


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderSettings:
    """The flags of ``render``; times in seconds, money in micro-dollars."""

    jobs: int = 4
    poll_interval_s: float | None = None
    poll_timeout_s: float = 1800.0
    max_duration_s: float | None = None
    is_waiting: bool = True
    is_failing_fast: bool = False
    max_cost_microusd: int | None = None


@dataclass(slots=True, kw_only=True)
class Pause:
    """One wait for everybody after a 429."""

    clock: Clock
    until_s: float = 0.0
    refusals: int = 0

    def extend(self, asked_s: float | None) -> float:
        """Notes a refusal; returns how long everybody waits from now.

        Refusals of requests that were out together count as one.
        """
        now_s = self.clock.steady_s()
        self.refusals += now_s >= self.until_s
        wait_s = pause_s(asked_s, refusals=max(self.refusals, 1))
        self.until_s = max(self.until_s, now_s + wait_s)
        return max(self.left_s, 0.0)

    @property
    def left_s(self) -> float:
        """How long everybody still waits; zero or less if nobody does."""
        return self.until_s - self.clock.steady_s()

    def clear(self) -> None:
        """An answer came through."""
        self.refusals = 0

    async def wait(self) -> None:
        """Returns once nobody has to wait any more."""
        while self.left_s > 0:  # noqa: ASYNC110 - another refusal may make it longer
            await asyncio.sleep(self.left_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A provider that can be talked to in this run."""

    api: ApiClient
    origin: str
    is_own_log: bool  # the log is complete and here: what is not in it was never received


class Sending(Protocol):
    """A POST under way; once its intent is recorded, only its answer ends it."""

    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """An accepted request whose generation id the disk would not take."""

    client_request_id: str
    ref: TakeRef
    answer: Accepted


def _sound_threads() -> ThreadPoolExecutor:
    """One core is left to what keeps the provider busy; each thread keeps its memory for reuse."""
    cores = (os.cpu_count() or 1) - 1
    return ThreadPoolExecutor(min(max(cores, 1), MOST_SOUND_THREADS), thread_name_prefix="sound")


@dataclass(slots=True, kw_only=True)
class Run:
    """Everything that the use cases share while a render is under way."""

    journal: Journal
    locks: LockKeeper
    store: BlobStore
    cdn: Cdn
    settings: RenderSettings
    caps: Caps
    clock: Clock
    emit: Callable[[Event], None]
    history: History = field(default_factory=dict)  # how long generations took in earlier runs
    connections: Mapping[Provider, Connection] = field(default_factory=dict)
    causes: set[ExitCode] = field(default_factory=set)
    reserved_microusd: int = 0
    buying_stopped: str | None = None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    was_reached: bool = False
    reason: str | None = None  # what the exit code alone does not say
    posts: dict[asyncio.Task[None], Sending] = field(default_factory=dict)
    names: dict[str, TakeRef] = field(default_factory=dict)  # as a request was first told of
    refusals: dict[TakeRef, str] = field(default_factory=dict)  # why a take was not bought
    intents: set[str] = field(default_factory=set)  # client request ids of this run
    unrecorded: list[Unrecorded] = field(default_factory=list)
    posts_out: int = 0  # paid requests whose intent is recorded and whose answer is not
    bugs: list[Exception] = field(default_factory=list)
    generations: asyncio.Semaphore = field(init=False)
    post_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(POST_SLOTS))
    store_slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORE_SLOTS))
    sound_threads: ThreadPoolExecutor = field(default_factory=_sound_threads)
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock)
    unpublished: deque[Unpublished] = field(default_factory=deque)  # by how long it waits
    submit_pause: Pause = field(init=False)
    poll_pause: Pause = field(init=False)
    askings: dict[Provider, Asking] = field(default_factory=dict)
    warned: set[str] = field(default_factory=set)
    writer: JournalWriter = field(init=False)

    def __post_init__(self) -> None:
        self.generations = asyncio.Semaphore(self.settings.jobs)
        self.submit_pause = Pause(clock=self.clock)
        self.poll_pause = Pause(clock=self.clock)
        self.writer = JournalWriter(self.journal)

    async def write(self, write: Callable[[Journal], T]) -> T:
        """Writes to the journal, durably, beside what other takes write; see ``JournalWriter``.

        Other takes go on meanwhile: what ``write`` depends on, it asks the journal for itself.
        """
        return await self.writer.write(write)

    async def listen(self, work: Callable[[], T]) -> T:
        """Does what takes a file's sound apart in a thread that nothing else waits for."""
        return await asyncio.get_running_loop().run_in_executor(self.sound_threads, work)

    def asking(self, provider: Provider) -> Asking:
        """How a provider is asked for what it renders."""
        if provider not in self.askings:
            origin = self.connections[provider].origin
            self.askings[provider] = Asking(self.clock, origin=origin, history=self.history)
        return self.askings[provider]

    def stop(self, cause: ExitCode) -> None:
        """No request is begun from here on; polls and downloads are cancelled by the caller."""
        self.causes.add(cause)
        self.stop_buying("the run is ending")
        self.stopped.set()

    def stop_buying(self, reason: str) -> None:
        """No POST is begun from here on; what is paid for is still collected."""
        if self.buying_stopped is None:
            self.buying_stopped = reason

    def fail(self) -> None:
        """A song came to a bad end in this run."""
        self.causes.add(ExitCode.FAILED)
        if self.settings.is_failing_fast:
            self.stop_buying("a song failed (--fail-fast)")

    def warn(
        self,
        message: str,
        *,
        hint: str | None = None,
        ref: TakeRef | None = None,
        code: ExitCode | None = None,
    ) -> None:
        """Says something once. ``code``, if given, is what it makes of the run's end."""
        if code is not None:
            self.causes.add(code)
        if message not in self.warned:
            self.warned.add(message)
            self.emit(Warned(message=message, hint=hint, ref=ref, code=code))

    def wait_noted(self, reason: str, wait_s: float) -> None:
        """Says that everybody waits."""
        self.emit(Waiting(reason=reason, wait_s=wait_s))

    def attempt(self, client_request_id: str) -> Attempt:
        """The attempt as the journal has it now."""
        return self.journal.attempt(client_request_id)

    def tell_unbought(self, ref: TakeRef) -> None:
        """Says that this run does not buy a take, and why."""
        note = self.refusals.get(ref, self.buying_stopped)
        self.emit(TakeChanged(ref=ref, state=State.PLANNED, note=note, is_settled=True))

    def tell(
        self,
        client_request_id: str,
        *,
        ref: TakeRef | None = None,
        note: str | None = None,
        is_settled: bool = False,
    ) -> State:
        """Says how an attempt stands now; returns its state."""
        attempt = self.attempt(client_request_id)
        name = ref or self.names.get(client_request_id, attempt.ref)
        self.names.setdefault(client_request_id, name)
        began_at = attempt.submitted_at or attempt.intent_at
        age_s = (self.clock.now() - moment_of(began_at)).total_seconds()
        self.emit(
            TakeChanged(
                ref=name,
                state=attempt.state,
                note=note or attempt.error,
                balance=attempt.balance,
                client_request_id=client_request_id,
                payer=attempt.ref.album,
                kind=kind_of(attempt.provider, attempt.model),
                generation_id=attempt.generation_id,
                submitted_at=attempt.submitted_at,
                age_s=max(age_s, 0.0),
                is_bought_now=client_request_id in self.intents,
                is_settled=is_settled,
            )
        )
        return attempt.state
