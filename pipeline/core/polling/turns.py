"""Whose poll leaves when, so that no second ever has more than its share of them."""

from __future__ import annotations

import heapq
from collections import deque

WINDOW_S = 1.05  # a poll leaves a little after its turn, and some later than others


class Turns:
    """Gives turns, the longest due first, at most ``most_a_second`` within any second.

    Times are seconds on one steady clock. Where fewer ask, each gets its turn at once.
    """

    def __init__(self, most_a_second: int) -> None:
        self._given: deque[float] = deque(maxlen=most_a_second)
        self._waiting: list[tuple[float, int]] = []
        self._withdrawn: set[int] = set()
        self._tickets = 0

    def ask(self, due_s: float) -> int:
        """A ticket for a poll that is due at that time."""
        self._tickets += 1
        heapq.heappush(self._waiting, (due_s, self._tickets))
        return self._tickets

    def withdraw(self, ticket: int) -> None:
        """Whoever asked waits no longer. Only for tickets whose turn was not given."""
        self._withdrawn.add(ticket)

    def give(self, now_s: float) -> tuple[int, ...]:
        """The tickets whose turn it is; what is given counts as a poll at ``now_s``."""
        tickets: list[int] = []
        while (opens_s := self.opens_s) is not None and opens_s <= now_s:
            tickets.append(heapq.heappop(self._waiting)[1])
            self._given.append(now_s)
        return tuple(tickets)

    @property
    def opens_s(self) -> float | None:
        """When the next turn may be given; None where nobody waits for one."""
        while self._waiting and self._waiting[0][1] in self._withdrawn:
            self._withdrawn.discard(heapq.heappop(self._waiting)[1])
        if not self._waiting:
            return None
        is_full = len(self._given) == self._given.maxlen
        return self._given[0] + WINDOW_S if is_full else float("-inf")
