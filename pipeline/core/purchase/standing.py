"""How the journal stands towards the takes that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.purchase.attempt import HAS_AUDIO, Attempt, State
from pipeline.core.wanted.album import AlbumId, Digest, Provider, SongId, TakeRef
from pipeline.core.wanted.takes import WantedTake


@dataclass(frozen=True, slots=True)
class Ledger:
    """The journal's attempts, found by digest. Within a digest the oldest comes first."""

    by_digest: Mapping[Digest, tuple[Attempt, ...]]
    bought_songs: frozenset[tuple[AlbumId, SongId]]  # they have a paid recording

    @staticmethod
    def of(attempts: Iterable[Attempt], *, bought_as: Iterable[WantedTake] = ()) -> Ledger:
        """Groups attempts that are in the journal's order.

        A song counts as bought, too, if one of ``bought_as``, its takes as they would be bought,
        was bought under another id.
        """
        grouped: dict[Digest, list[Attempt]] = {}
        for attempt in attempts:
            grouped.setdefault(attempt.digest, []).append(attempt)
        bought = {
            (attempt.ref.album, attempt.ref.song)
            for found in grouped.values()
            for attempt in found
            if attempt.provider is Provider.AIMLAPI and attempt.state in HAS_AUDIO
        }
        bought |= {
            (take.ref.album, take.ref.song)
            for take in bought_as
            if any(
                found.state in HAS_AUDIO for name in take.digests for found in grouped.get(name, ())
            )
        }
        return Ledger(
            {digest: tuple(found) for digest, found in grouped.items()}, frozenset(bought)
        )

    def narrowed(self, digest: Digest, attempts: Iterable[Attempt]) -> Ledger:
        """Only what stands under one digest, as it is now."""
        return Ledger({digest: tuple(attempts)}, self.bought_songs)

    def attempts(self, take: WantedTake) -> tuple[Attempt, ...]:
        """Every attempt at this take, oldest first."""
        return tuple(
            attempt for digest in take.digests for attempt in self.by_digest.get(digest, ())
        )

    def current(self, take: WantedTake) -> Attempt | None:
        """The attempt that stands for the take today: a live one if there is one."""
        return current_of(self.attempts(take))

    def sounding(self, take: WantedTake) -> Attempt | None:
        """The attempt whose audio is the take's: the current one, else the last replaced one."""
        return sounding_of(self.attempts(take))

    def states(self, takes: Iterable[WantedTake]) -> dict[TakeRef, State]:
        """The state of each take; ``planned`` where nothing was tried."""
        found = {take.ref: self.current(take) for take in takes}
        return {
            ref: State.PLANNED if attempt is None else attempt.state
            for ref, attempt in found.items()
        }


def current_of(attempts: Sequence[Attempt]) -> Attempt | None:
    """Of the attempts at one take, oldest first, the one that stands for it today."""
    standing = [found for found in attempts if found.superseded_at is None]
    live = [found for found in standing if found.is_live]
    candidates = live or standing
    return candidates[-1] if candidates else None


def sounding_of(attempts: Sequence[Attempt]) -> Attempt | None:
    """Of the attempts at one take, oldest first, the one whose audio is its track."""
    current = current_of(attempts)
    if current is not None and current.state in HAS_AUDIO:
        return current
    older = [
        found for found in attempts if found.superseded_at is not None and found.state in HAS_AUDIO
    ]
    return older[-1] if older else None
