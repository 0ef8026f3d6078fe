"""Songs that are rendered in no time: songmake's own pace and turns against simulated generations.

Nothing is sent and nobody sleeps, and an answer takes no time: what remains is when polls
are due, which is all that these figures are about.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from itertools import count
from math import exp, log
from random import Random

from pipeline.core.polling.pace import Pace
from pipeline.core.polling.schedule import Manners
from pipeline.core.polling.turns import Turns
from pipeline.core.run.expecting import Kind
from pipeline.core.wanted.album import Provider

KIND = Kind(Provider.AIMLAPI, "simulated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Songs whose generation takes a log-normal time, ``jobs`` at once."""

    median_s: float = 90.0
    sigma: float = 0.5
    songs: int = 300
    jobs: int = 50

    def times_s(self, seed: int) -> list[float]:
        """How long each song takes."""
        chance = Random(seed)
        return [
            exp(log(self.median_s) + self.sigma * chance.gauss(0, 1)) for _ in range(self.songs)
        ]

    def history(self, seed: int, *, waits: int = 50, wrong_by: float = 1.0) -> tuple[float, ...]:
        """What an earlier run saw of such songs, had it been ``wrong_by`` as slow."""
        chance = Random(f"history {seed}")
        median_s = self.median_s * wrong_by
        return tuple(exp(log(median_s) + self.sigma * chance.gauss(0, 1)) for _ in range(waits))


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of one run; ``busiest`` is the most polls of any second."""

    lags_s: tuple[float, ...]
    polls: int
    busiest: int
    end_s: float

    @property
    def lag_s(self) -> float:
        """From ready to noticed, on average."""
        return sum(self.lags_s) / len(self.lags_s)

    @property
    def polls_a_song(self) -> float:
        """How often each was asked after, on average."""
        return self.polls / len(self.lags_s)


def learned(
    shape: Shape, seed: int, manners: Manners, *, history: tuple[float, ...] = ()
) -> Polled:
    """A run at songmake's own pace."""
    pace = Pace(manners, {KIND: history})
    return _Simulation(shape, seed, pace, Turns(manners.most_a_second)).run()


def fixed(shape: Shape, seed: int, every_s: float) -> Polled:
    """A run that asks after each song every so many seconds, and however many a second."""
    return _Simulation(shape, seed, every_s, Turns(shape.songs)).run()


class _Simulation:
    """One run, event by event, with a poller's steps: wait, turn, poll."""

    def __init__(self, shape: Shape, seed: int, pace: Pace | float, turns: Turns) -> None:
        self._pace, self._turns, self._jobs = pace, turns, shape.jobs
        self._times_s = shape.times_s(seed)
        self._begun_s: list[float] = []
        self._events: list[tuple[float, int, int | None]] = []  # a song's poll is due, or a turn
        self._order = count()
        self._is_opening = False
        self._songs: dict[int, int] = {}  # by the ticket of their turn
        self._lags_s: list[float] = []
        self._recent: deque[float] = deque()
        self._polls = self._busiest = 0

    def run(self) -> Polled:
        """All songs, from the first submission to the last poll."""
        now_s = 0.0
        for _ in self._times_s[: self._jobs]:
            self._submit(now_s)
        while self._events:
            now_s, _, song = heapq.heappop(self._events)
            if song is None:
                self._is_opening = False
            else:
                self._songs[self._turns.ask(now_s)] = song
            for ticket in self._turns.give(now_s):
                self._poll(self._songs.pop(ticket), now_s)
            opens_s = self._turns.opens_s
            if opens_s is not None and not self._is_opening:
                self._is_opening = True
                self._at(opens_s, None)
        return Polled(
            lags_s=tuple(self._lags_s), polls=self._polls, busiest=self._busiest, end_s=now_s
        )

    def _at(self, due_s: float, song: int | None) -> None:
        heapq.heappush(self._events, (due_s, next(self._order), song))

    def _submit(self, now_s: float) -> None:
        song = len(self._begun_s)
        self._begun_s.append(now_s)
        if isinstance(self._pace, Pace):
            self._pace.begin(str(song), KIND, is_young=True)
        self._wait(song, now_s)

    def _wait(self, song: int, now_s: float) -> None:
        age_s = now_s - self._begun_s[song]
        if isinstance(self._pace, Pace):
            self._at(now_s + self._pace.wait_s(str(song), age_s), song)
        else:
            self._at(now_s + self._pace, song)

    def _poll(self, song: int, now_s: float) -> None:
        self._note_poll(now_s)
        age_s = now_s - self._begun_s[song]
        if age_s < self._times_s[song]:
            if isinstance(self._pace, Pace):
                self._pace.running_at(str(song), age_s)
            self._wait(song, now_s)
            return
        self._lags_s.append(age_s - self._times_s[song])
        if isinstance(self._pace, Pace):
            self._pace.ready_by(str(song), age_s)
            self._pace.end(str(song))
        if len(self._begun_s) < len(self._times_s):
            self._submit(now_s)

    def _note_poll(self, now_s: float) -> None:
        self._polls += 1
        self._recent.append(now_s)
        while self._recent[0] <= now_s - 1:
            self._recent.popleft()
        self._busiest = max(self._busiest, len(self._recent))
