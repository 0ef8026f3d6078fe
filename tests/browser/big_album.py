"""The pages of an album with 200 songs: from a real manifest, and from what a journal would hold.

No audio is made, for no page holds any, but for what a page looks at when it opens.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from pipeline.core.handover.tracks import Publication
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.core.sound.loudness import LoudnessHistogram
from pipeline.core.sound.measurement import Measurement
from pipeline.core.sound.waveform import SLICES, encode
from pipeline.core.wanted.album import Checksum
from pipeline.core.wanted.takes import WantedTake
from pipeline.runner.outputs.handing_over import hand_over
from pipeline.runner.outputs.known import UNWRITTEN
from pipeline.runner.outputs.publishing import desired
from pipeline.runner.reading import read_manifests
from pipeline.runner.workspace import find_folders, workspace_of
from tests.audio_files import tone, wav_of
from tests.builders import an_audio, write_manifest
from tests.core.attempts import attempt_at, checksum

SONGS = 200
_LINES = tuple(
    f"Streetlights flicker and the night breeze {verb}"
    for verb in ("sighs", "falls", "turns", "waits", "sings", "ends", "comes", "knows")
)


def write_big_album(project: Path, *, songs: int = SONGS) -> Path:
    """Writes the manifest and the two pages into an empty folder; returns its ``outputs/``.

    Two takes of every third song, lyrics of 1,300 characters, all measured, and a budget.
    """
    path = write_manifest(
        project,
        {f"song-{number}": _song(number) for number in range(1, songs + 1)},
        name="big",
        album={"title": "Two Hundred Songs", "artist": "The Night Bus", "year": 2026},
        budget_usd=100,
    )
    folders = find_folders([path], state=None, outputs=None, here=project)
    workspace = workspace_of(read_manifests([path], provider=None), folders)
    attempts = [_attempt(place, take) for place, take in enumerate(workspace.takes)]
    measurements = {_name(place): _measurement(place) for place in range(len(attempts))}
    tracks = desired(workspace, workspace.ledger_of(attempts), measurements=measurements)
    publications = [
        Publication(
            path=track.path,
            ref=track.ref,
            provider=track.provider,
            digest=track.digest,
            recipe=track.recipe,
            checksum=checksum(track.path),
            size_bytes=4_000_000,
            mtime_ns=1,
        )
        for track in tracks
    ]
    known = replace(
        UNWRITTEN,
        attempts=tuple(attempts),
        publications=tuple(publications),
        measurements=measurements,
    )
    found = hand_over(workspace, workspace.takes_by_any_provider(), known)
    _write_first_audio(folders.outputs / tracks[0].path)
    for file in found.files:
        if file.path.endswith(".html"):
            page = folders.outputs / file.path
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(file.content)
    return folders.outputs


def _write_first_audio(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_of(tone(seconds=0.2)))


def _song(number: int) -> dict[str, object]:
    verses = [
        "\n".join((f"[{name}]", f"{number}.{place}: {_LINES[number % 8]}", *_LINES[:6]))
        for place, name in enumerate(("Verse 1", "Chorus", "Verse 2", "Bridge"), start=1)
    ]
    return {
        "title": f"Song number {number} of the night",
        "prompt": f"warm indie folk, {60 + number % 90} BPM, fingerpicked guitar, soft drums",
        "lyrics": "\n\n".join(verses),
        "takes": 2 if number % 3 == 0 else 1,
        "tags": ["night"],
    }


def _name(place: int) -> Checksum:
    return Checksum(f"{place:064x}")


def _attempt(place: int, take: WantedTake) -> Attempt:
    audio = an_audio(checksum=_name(place), milliseconds=150_000 + 731 * place)
    return replace(
        attempt_at(take, State.STORED, audio=audio, generation_id=f"g{place}"),
        client_request_id=f"sm1.{take.digest[:32]}.1.{place}",
        intent_at=f"2026-{7 + place % 4:02d}-{1 + place % 28:02d}T09:30:00.000Z",
    )


def _measurement(place: int) -> Measurement:
    peaks = [abs(math.sin((place + 1) * slice_ * 0.37)) * 0.9 for slice_ in range(SLICES)]
    return Measurement(
        is_decodable=True,
        milliseconds=150_000 + 731 * place,
        sample_rate_hz=44_100,
        channels=2,
        true_peak=Decimal("0.900000"),
        loudness_lufs=Decimal(-14 - place % 5).quantize(Decimal("0.01")),
        blocks=LoudnessHistogram(first_tenths=-150 - place % 40, counts=(10, 40, 200, 90)),
        waveform=encode(peaks),
    )
