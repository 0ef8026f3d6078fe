"""The journal in SQLite: WAL, every commit fsynced, one writer.

A commit that returned is on disk (``synchronous=FULL``). A failed write raises
:class:`~pipeline.errors.StorageFull` and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.adapters.journal.album_records import AlbumRecords
from pipeline.adapters.journal.file_records import FileRecords
from pipeline.adapters.journal.measurement_records import MeasurementRecords
from pipeline.adapters.journal.rows import (
    attempt_of,
    row_of,
)
from pipeline.core.lock.joining import Arrivals
from pipeline.core.money import Booking
from pipeline.core.purchase.attempt import Attempt, State, StoredAudio
from pipeline.core.purchase.budget import Caps, refusal
from pipeline.core.wanted.digest import DIGEST_VERSION
from pipeline.core.wanted.takes import WantedTake
from pipeline.errors import JournalDamaged


class BudgetRefused(Exception):
    """An intent would have passed a cap; nothing was written."""


class Journal(AlbumRecords, FileRecords, MeasurementRecords):
    """All paid attempts of one state folder. Use :mod:`pipeline.adapters.journal.opening`."""

    @property
    def id(self) -> str:
        """The journal's own name, made once when it was created."""
        row = self._one("journal_id")
        return str(row["journal_id"])

    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt, oldest first."""
        return tuple(attempt_of(row) for row in self._all("all_attempts"))

    def attempt(self, client_request_id: str) -> Attempt:
        """The attempt with this id; ``KeyError`` if there is none."""
        rows = self._all("attempt", client_request_id=client_request_id)
        if not rows:
            raise KeyError(client_request_id)
        return attempt_of(rows[0])

    def known_ids(self) -> frozenset[str]:
        """Every client request id that was ever written down here."""
        return frozenset(row["client_request_id"] for row in self._all("known_ids"))

    def attempts_of(self, digest: str) -> tuple[Attempt, ...]:
        """Every attempt at one digest, oldest first."""
        return tuple(attempt_of(row) for row in self._all("attempts_of_digest", digest=digest))

    def committed_microusd(self, album: str) -> int:
        """Held, charged and in-doubt money of an album.

        It is added up once for the intents that follow each other in one transaction.
        """
        sums = self._writing.sums_microusd
        if album in sums:
            return sums[album]
        microusd = int(self._one("committed", album=album)["microusd"])
        if self.is_writing:
            sums[album] = microusd
        return microusd

    def paid_origins(self) -> tuple[str, ...]:
        """Where this journal's paid attempts were sent to."""
        return tuple(row["origin"] for row in self._all("public_and_loopback"))

    def generation_user(self, provider: str, generation_id: str) -> str | None:
        """The attempt that a generation id belongs to, if any."""
        rows = self._all("generation_user", provider=provider, generation_id=generation_id)
        return rows[0]["client_request_id"] if rows else None

    def refusal(self, take: WantedTake, caps: Caps, *, run_reserved_microusd: int) -> str | None:
        """Why a take's price has no room under a cap now; None if it has."""
        album = take.ref.album
        cap_microusd = caps.album_microusd.get(album)
        return refusal(
            price_microusd=take.price_microusd,
            album_committed_microusd=0 if cap_microusd is None else self.committed_microusd(album),
            album_cap_microusd=cap_microusd,
            run_reserved_microusd=run_reserved_microusd,
            run_cap_microusd=caps.run_microusd,
        )

    def write_intent(
        self,
        take: WantedTake,
        *,
        client_request_id: str,
        number: int,
        origin: str,
        at: str,
        caps: Caps,
        run_reserved_microusd: int,
        replaces: str | None,
    ) -> None:
        """Records, durably, that a paid request is about to leave.

        Raises ``BudgetRefused`` if a cap has no room, ``sqlite3.IntegrityError`` wrapped in
        ``JournalDamaged`` if a live attempt of the digest exists.
        """
        fields = {
            "client_request_id": client_request_id,
            "digest": take.digest,
            "digest_version": DIGEST_VERSION,
            "number": number,
            "album": take.ref.album,
            "song": take.ref.song,
            "take": take.ref.number,
            "title": take.title,
            "provider": take.provider.value,
            "origin": origin,
            "model": take.model,
            "identity_json": take.identity_json,
            "body_json": take.body_json,
            "reserved_microusd": take.price_microusd,
            "at": at,
        }
        with self._transaction():
            reason = self.refusal(take, caps, run_reserved_microusd=run_reserved_microusd)
            if reason:
                raise BudgetRefused(reason)
            if replaces is not None:
                self._supersede(replaces, at)
            planned = self._all("planned_attempt", digest=take.digest, number=number)
            if planned:
                fields["planned_id"] = planned[0]["client_request_id"]
                self._writing.changed.append(planned[0]["client_request_id"])
                self._run("renew_intent", fields)
            else:
                self._run("insert_intent", fields)
            sums = self._writing.sums_microusd
            if take.ref.album in sums:
                sums[take.ref.album] += take.price_microusd
            self._note(client_request_id, at, State.PLANNED, State.INTENT, None)

    def record_submitted(
        self,
        client_request_id: str,
        *,
        generation_id: str,
        booking: Booking,
        credits_used: int | None,
        at: str,
    ) -> None:
        """The provider took the request; the id is durable when this returns."""
        fields = {
            "generation_id": generation_id,
            "booked_microusd": booking.amount_microusd,
            "credits": credits_used,
            "cost_source": booking.source,
            "at": at,
        }
        self._move("set_submitted", client_request_id, State.SUBMITTED, at, None, fields)

    def record_generation(self, client_request_id: str, *, generation_id: str, at: str) -> None:
        """A person named the generation of an attempt; its booked cost stays."""
        fields = {"generation_id": generation_id, "at": at}
        self._move("set_generation", client_request_id, State.SUBMITTED, at, "settled", fields)

    def record_found(
        self,
        client_request_id: str,
        *,
        generation_id: str,
        booking: Booking,
        credits_used: int | None,
        at: str,
    ) -> None:
        """The provider's books show that a request was taken which was thought not to be."""
        fields = {
            "generation_id": generation_id,
            "booked_microusd": booking.amount_microusd,
            "credits": credits_used,
            "cost_source": booking.source,
            "at": at,
        }
        note = "found in the provider's log"
        self._move("set_found", client_request_id, State.SUBMITTED, at, note, fields)

    def record_cost(
        self, client_request_id: str, *, booking: Booking, credits_used: int, at: str
    ) -> None:
        """Books another cost for what is held or charged; the state stays."""
        before = self.attempt(client_request_id)
        fields = {
            "booked_microusd": booking.amount_microusd,
            "credits": credits_used,
            "cost_source": booking.source,
        }
        note = f"booked {booking.amount_microusd} micro-dollars, not {before.cost_microusd}"
        self._move("set_cost", client_request_id, before.state, at, note, fields)

    def record_planned(self, client_request_id: str, *, at: str, reason: str | None) -> None:
        """Refused for now, or settled as never charged: the same attempt may be sent again."""
        fields = {"error": reason}
        self._move("set_planned", client_request_id, State.PLANNED, at, reason, fields)

    def record_ready(self, client_request_id: str, *, at: str) -> None:
        """The provider has rendered it; its cost is final."""
        self._move("set_ready", client_request_id, State.READY, at, None, {"at": at})

    def record_stored(self, client_request_id: str, *, audio: StoredAudio, at: str) -> None:
        """Verified bytes are in the store and fsynced."""
        fields = {
            "checksum": audio.checksum,
            "size_bytes": audio.size_bytes,
            "milliseconds": audio.milliseconds,
            "format": audio.format,
            "sample_rate_hz": audio.sample_rate_hz,
            "channels": audio.channels,
        }
        self._move("set_stored", client_request_id, State.STORED, at, None, fields)

    def record_state(
        self, client_request_id: str, state: State, *, at: str, reason: str | None
    ) -> None:
        """Failed, rejected, in doubt, lost, published, or stored again after unpublishing."""
        fields = {"state": state.value, "error": reason}
        self._move("set_state", client_request_id, state, at, reason, fields)

    def take_in(self, arrivals: Arrivals, *, at: str) -> None:
        """Takes in what another record knows, all of it or nothing."""
        if not arrivals.changed and not arrivals.new and not arrivals.measured:
            return
        with self._transaction():
            for attempt in arrivals.changed:
                before = self.attempt(attempt.client_request_id)
                self._run("adopt", row_of(attempt, digest_version=DIGEST_VERSION))
                note = "known from another record"
                self._note(attempt.client_request_id, at, before.state, attempt.shown_state, note)
            for attempt in arrivals.new:
                self._run("insert_known", row_of(attempt, digest_version=DIGEST_VERSION))
                self._note(attempt.client_request_id, at, None, attempt.state, "imported")
            self._put_measurements(arrivals.measured)

    def lock_paths(self) -> dict[str, str]:
        """Where each album's lock lies, by album, relative to the state folder."""
        return {row["album"]: row["path"] for row in self._all("lock_paths")}

    def put_lock_path(self, album: str, path: str) -> None:
        """Remembers where an album's lock lies."""
        with self._transaction():
            self._run("put_lock_path", {"album": album, "path": path})

    def lock_shares(self) -> frozenset[tuple[str, str]]:
        """Albums and digests: purchases of other albums that an album's lock tells of too."""
        return frozenset((row["album"], row["digest"]) for row in self._all("lock_shares"))

    def put_lock_shares(self, shares: Iterable[tuple[str, str]]) -> None:
        """Remembers such pairs for good: what was shared once stays in the lock."""
        with self._transaction():
            for album, digest in shares:
                self._run("put_lock_share", {"album": album, "digest": digest})

    def adopt(self, attempt: Attempt, *, replaces: str | None, at: str) -> None:
        """Takes in audio that was made elsewhere, in the place of the attempt it replaces."""
        with self._transaction():
            if replaces is not None:
                self._supersede(replaces, at, statement="supersede_by_adoption")
            self._run("insert_known", row_of(attempt, digest_version=DIGEST_VERSION))
            self._note(attempt.client_request_id, at, None, attempt.state, "adopted")

    def latest_moments(self) -> dict[str, str]:
        """When each attempt changed last, by its client request id."""
        return {row["client_request_id"]: row["at"] for row in self._all("latest_moments")}

    def _supersede(self, client_request_id: str, at: str, *, statement: str = "supersede") -> None:
        changed = self._run(statement, {"client_request_id": client_request_id, "at": at})
        if changed != 1:
            raise JournalDamaged(
                f"{client_request_id} cannot be replaced: it is not in a final state",
                hint="see how things stand: songmake status",
            )
        before = self.attempt(client_request_id).state
        self._note(client_request_id, at, before, State.SUPERSEDED, None)

    def _move(
        self,
        statement: str,
        client_request_id: str,
        state: State,
        at: str,
        note: str | None,
        fields: Mapping[str, Any],
    ) -> None:
        moved = {
            "client_request_id": client_request_id,
            "at": at,
            "state_after": state.value,
            "generation_after": "" if state is State.PLANNED else fields.get("generation_id"),
            "note": note,
        }
        with self._transaction():
            if self._run("insert_move", moved) != 1:
                raise KeyError(client_request_id)
            if self._run(statement, {**fields, "client_request_id": client_request_id}) != 1:
                before = self.attempt(client_request_id)
                raise JournalDamaged(
                    f"{before.ref} cannot go from {before.state} to {state}",
                    hint="see how things stand: songmake status",
                )
            self._writing.changed.append(client_request_id)

    def _note(
        self, client_request_id: str, at: str, before: State | None, after: State, note: str | None
    ) -> None:
        fields = {
            "client_request_id": client_request_id,
            "at": at,
            "state_before": before.value if before else None,
            "state_after": after.value,
            "note": note,
        }
        self._run("insert_transition", fields)
        self._writing.changed.append(client_request_id)
