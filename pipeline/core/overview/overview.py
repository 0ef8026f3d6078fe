"""The overview of all albums, from what their manifests said last and the journal alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from pipeline.core.findings.phrases import counted, length_text
from pipeline.core.handover.folder import PAGE_NAME
from pipeline.core.handover.tracks import Publication
from pipeline.core.money import Balance, price_text
from pipeline.core.overview.known import KnownAlbum
from pipeline.core.overview.spending import money_parts, spending_of
from pipeline.core.overview.thumb import thumb
from pipeline.core.overview.tracks import (
    MOST_TROUBLES,
    Tracks,
    lying_files,
    tracks_of,
)
from pipeline.core.overview.view import AlbumCard, Overview
from pipeline.core.overview.words import day_of, day_text, kinds_of
from pipeline.core.purchase.attempt import Attempt, StoredAudio, balance_of
from pipeline.core.purchase.standing import Ledger
from pipeline.core.sound.measurement import UNMEASURED, Measurements
from pipeline.core.wanted.album import AlbumId

COVERS = ("cover.jpg", "cover.png")


def overview(
    known: Mapping[AlbumId, KnownAlbum],
    attempts: Sequence[Attempt],
    publications: Sequence[Publication],
    handed_over: Collection[str],
    measurements: Measurements = UNMEASURED,
) -> Overview | None:
    """None while nothing was ever tried. ``handed_over`` are the paths of the hand-over files.

    An album that only the journal knows goes by its id, and nobody can say what it wants. An
    attempt counts for the album that submitted it.
    """
    if not attempts:
        return None
    submitted: dict[AlbumId, list[Attempt]] = {album: [] for album in known}
    for attempt in attempts:
        submitted.setdefault(attempt.ref.album, []).append(attempt)
    by_digest = Ledger.of(attempts).by_digest
    lying = lying_files(publications)
    standing = {
        album: tracks_of(known[album], by_digest, lying) for album in submitted if album in known
    }
    titles = {album: known[album].title if album in known else str(album) for album in submitted}
    order = sorted(submitted, key=lambda album: (titles[album].casefold(), album))
    order.sort(key=lambda album: _last_purchase(submitted[album]) or date.min, reverse=True)
    return Overview(
        facts=tuple(_facts(len(submitted), list(standing.values()))),
        cards=tuple(
            _card(
                album,
                known.get(album),
                standing.get(album),
                submitted[album],
                handed_over,
                measurements,
            )
            for album in order
        ),
        spending=spending_of(attempts, {album: titles[album] for album in order}),
    )


def _facts(albums: int, standing: Sequence[Tracks]) -> Iterator[str]:
    yield counted(albums, "album")
    there = sum(tracks.there for tracks in standing)
    wanted = sum(tracks.wanted for tracks in standing)
    if wanted:
        yield _there_text(there, wanted)
    if there:
        yield length_text(sum(tracks.milliseconds for tracks in standing))


def _there_text(there: int, wanted: int) -> str:
    if there == wanted:
        return counted(there, "track")
    return f"{there} of {counted(wanted, 'track')}"


def _card(
    album: AlbumId,
    known: KnownAlbum | None,
    tracks: Tracks | None,
    own: Sequence[Attempt],
    handed_over: Collection[str],
    measurements: Measurements,
) -> AlbumCard:
    balance, last = balance_of(own), _last_purchase(own)
    budget = known.budget_microusd if known else None
    troubles = tracks.troubles if tracks else ()
    page = f"{album}/{PAGE_NAME}"
    covers = (f"{album}/{name}" for name in COVERS)
    return AlbumCard(
        id=album,
        title=known.title if known else album,
        artist=known.artist if known else None,
        page=page if page in handed_over else None,
        cover=next((cover for cover in covers if cover in handed_over), None),
        sleeve=thumb(_waveforms(tracks.heard if tracks else (), measurements)),
        facts=tuple(_card_facts(tracks)),
        missing=tracks.missing if tracks else (),
        troubles=troubles[:MOST_TROUBLES],
        more_troubles=len(troubles[MOST_TROUBLES:]),
        cost=_cost(balance, budget),
        kinds=tuple(found for found in kinds_of(balance) if found.kind != "charged"),
        parts=money_parts(balance, budget) if budget else (),
        is_over_budget=budget is not None and balance.committed > budget,
        last_purchase=last.isoformat() if last else None,
        last_purchase_text=day_text(last) if last else None,
    )


def _waveforms(heard: Sequence[StoredAudio], measurements: Measurements) -> list[str]:
    found = (measurements.get(audio.checksum) for audio in heard)
    return [measured.waveform for measured in found if measured and measured.waveform]


def _card_facts(tracks: Tracks | None) -> Iterator[str]:
    if tracks is None:
        yield "known from the journal alone"
        return
    yield _there_text(tracks.there, tracks.wanted)
    if tracks.there:
        yield length_text(tracks.milliseconds)
    if tracks.is_sketched:
        yield "sketches"


def _cost(balance: Balance, budget: int | None) -> str:
    spent = price_text(balance.committed) if balance.committed else "nothing spent"
    return f"{spent} of {price_text(budget)}" if budget is not None else spent


def _last_purchase(own: Sequence[Attempt]) -> date | None:
    """The day, in UTC, of the last request that cost or may have cost something."""
    days = (day_of(attempt.intent_at) for attempt in own if attempt.balance.committed)
    return max((day for day in days if day), default=None)
