"""What there is to say when a run has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.money import Balance
from pipeline.core.purchase.attempt import State
from pipeline.core.purchase.plan import Action, Keep, Publish
from pipeline.core.wanted.album import AlbumId, TakeRef
from pipeline.errors import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumClosing:
    """One album: where it lies as people would type it, and its money over its lifetime."""

    id: AlbumId
    folder: str
    balance: Balance
    budget_microusd: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a run ended. ``states`` are all wanted takes'; ``page`` is the listening room's URI."""

    code: ExitCode
    reason: str
    next: str | None = None
    states: Mapping[TakeRef, State]
    absent: frozenset[TakeRef] = frozenset()  # published once, and now without their file
    actions: Sequence[Action] = ()
    spent: Balance  # what became of this run's purchases
    albums: tuple[AlbumClosing, ...] = ()
    needs_ear: tuple[TakeRef, ...] = ()
    page: str | None = None

    @property
    def published(self) -> int:
        """How many wanted takes lie in ``outputs/``."""
        return sum(map(self._is_there, self.states))

    @property
    def kept(self) -> int:
        """How many of the selected were there before, and are."""
        return self._count(Keep)

    @property
    def written_again(self) -> int:
        """How many of the selected were published from what the store has."""
        return self._count(Publish)

    @property
    def new(self) -> int:
        """How many of the selected came in this run."""
        refs = [action.take.ref for action in self.actions if action.take is not None]
        return sum(map(self._is_there, refs)) - self.kept - self.written_again

    @property
    def missing(self) -> tuple[State, ...]:
        """The states of the wanted takes that are not published."""
        return tuple(state for state in self.states.values() if state is not State.PUBLISHED)

    @property
    def fileless(self) -> int:
        """How many wanted takes were published once and are without their file now."""
        return sum(self.states.get(ref) is State.PUBLISHED for ref in self.absent)

    def _count(self, kind: type[Keep] | type[Publish]) -> int:
        found = [action.take.ref for action in self.actions if isinstance(action, kind)]
        return sum(map(self._is_there, found))

    def _is_there(self, ref: TakeRef) -> bool:
        return self.states.get(ref) is State.PUBLISHED and ref not in self.absent
