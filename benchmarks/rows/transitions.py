"""Row 12: durable transitions of 200 takes at once, grouped, beside one FULL commit for each."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measuring import paired
from benchmarks.row import Measured, Row
from pipeline.adapters.journal.opening import open_journal
from pipeline.adapters.journal.sqlite import Journal
from pipeline.adapters.journal.writer import JournalWriter
from pipeline.adapters.manifest.schema_files import load_profiles
from pipeline.core.money import Booking
from pipeline.core.purchase.attempt import StoredAudio, ref_of
from pipeline.core.purchase.budget import Caps
from pipeline.core.wanted.album import AlbumId, Checksum, Digest, NeutralRequest, Provider
from pipeline.core.wanted.profile import Profile, ProfileKey
from pipeline.core.wanted.takes import WantedTake

AT = "2026-01-01T00:00:00.000Z"
TASKS = 200
SONGS_A_TASK = 5
CAPS = Caps(album_microusd={AlbumId("album"): 10**12}, run_microusd=10**12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One take's way through the journal: four transitions, in order."""

    take: WantedTake
    number: int

    @property
    def steps(self) -> tuple[Callable[[Journal], None], ...]:
        """What is written, one after the other."""
        crid = f"sm1.{self.take.digest[:32]}.1.bench"
        return (
            lambda journal: journal.write_intent(
                self.take,
                client_request_id=crid,
                number=1,
                origin="http://127.0.0.1",
                at=AT,
                caps=CAPS,
                run_reserved_microusd=0,
                replaces=None,
            ),
            lambda journal: journal.record_submitted(
                crid,
                generation_id=f"generation-{self.number}",
                booking=Booking(amount_microusd=195_000, source="answer"),
                credits_used=390_000,
                at=AT,
            ),
            lambda journal: journal.record_ready(crid, at=AT),
            lambda journal: journal.record_stored(crid, audio=_audio(self.take), at=AT),
        )


def _purchases() -> tuple[Purchase, ...]:
    profile = load_profiles()[ProfileKey("minimax/music-2.6")]
    return tuple(
        Purchase(take=_take(number, profile), number=number)
        for number in range(TASKS * SONGS_A_TASK)
    )


def _take(number: int, profile: Profile) -> WantedTake:
    request = NeutralRequest(
        model="minimax/music-2.6", prompt=str(number), lyrics="la " * 400, audio=None
    )
    return WantedTake(
        ref=ref_of("album", f"song-{number}", 1),
        title=f"Song {number}",
        song_number=number,
        is_picked=True,
        provider=Provider.AIMLAPI,
        model="minimax/music-2.6",
        digests=(Digest(f"{number:064x}"[::-1]),),
        request=request,
        revision=0,
        profile=profile,
        price_microusd=195_000,
        audio=None,
        tags=(),
    )


def _audio(take: WantedTake) -> StoredAudio:
    return StoredAudio(
        checksum=Checksum(take.digest),
        size_bytes=5_000_000,
        milliseconds=180_000,
        format="mp3",
        sample_rate_hz=44_100,
        channels=2,
    )


def _one_by_one(journal: Journal, purchases: tuple[Purchase, ...]) -> None:
    for purchase in purchases:
        for step in purchase.steps:
            step(journal)


def _at_once(journal: Journal, purchases: tuple[Purchase, ...]) -> None:
    async def carry(writer: JournalWriter, some: tuple[Purchase, ...]) -> None:
        for purchase in some:
            for step in purchase.steps:
                await writer.write(step)

    async def carry_all() -> None:
        async with JournalWriter(journal) as writer:
            await asyncio.gather(*(carry(writer, purchases[n::TASKS]) for n in range(TASKS)))

    asyncio.run(carry_all())


def _rate(
    folder: Path, write: Callable[[Journal, tuple[Purchase, ...]], None], *, is_durable: bool
) -> float:
    """Transitions a second, by the wall clock, into a new journal on the disk of ``folder``."""
    folder.mkdir()
    purchases = _purchases()
    with contextlib.closing(open_journal(folder, at=AT)) as journal:
        if not is_durable:
            journal._db.execute("PRAGMA synchronous=OFF")
        began_s = time.perf_counter()
        write(journal, purchases)
        took_s = time.perf_counter() - began_s
        assert len(journal.attempts()) == len(purchases)
    shutil.rmtree(folder)
    return 4 * len(purchases) / took_s


def _grouped(bench: Bench) -> Measured:
    rate = partial(_rate, bench.scratch / "state")
    return paired(
        lambda: rate(_at_once, is_durable=True),
        lambda: rate(_one_by_one, is_durable=True),
        rounds=bench.rounds_up_to(5),
        unit="/s",
    )


ROWS = (
    Row(
        number=12,
        work="durable transitions/s of 200 takes / one FULL commit each, wall",
        at_most=5,
        reach_for=8,
        measure=_grouped,
        is_at_least=True,
        reason="a transition takes 30 µs of CPU here, and 110 with a commit of its own, whose sync "
        "takes 0.07 ms more: such a disk leaves little to save; at 1 ms the same parts come to 30",
    ),
)
