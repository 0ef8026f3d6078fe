"""A song as the room shows it: its takes, its words, and what was asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.core.findings.phrases import counted
from pipeline.core.money import sum_text
from pipeline.core.purchase.attempt import Attempt, balance_of
from pipeline.core.room.hearing import Heard
from pipeline.core.room.lyrics import sections_of
from pipeline.core.room.takes import comparisons, shown_takes, take_rooms
from pipeline.core.room.view import SongRoom, TakeRoom
from pipeline.core.wanted.album import DEFAULT_CONTRACT, Album, AudioSetting, NeutralRequest, Song

_SAID_ELSEWHERE = frozenset({"artist", "language"})


def song_room(album: Album, song: Song, heard: Sequence[Heard], own: Sequence[Attempt]) -> SongRoom:
    """``heard`` are the song's takes by every provider, ``own`` the attempts made in its name."""
    shown = shown_takes(heard)
    takes = take_rooms(shown)
    picked = picked_take(takes, song.pick)
    language = song.metadata.get("language") or album.metadata.get("language")
    artist = song.metadata.get("artist")
    return SongRoom(
        id=song.id,
        number=song.number,
        title=song.title,
        artist=artist if isinstance(artist, str) else None,
        pick=song.pick,
        length=picked.length if picked else None,
        standing=_standing(takes, picked),
        takes=takes,
        comparisons=comparisons(shown),
        prompt=song.request.prompt,
        settings=tuple(_settings(song)),
        sections=sections_of(song.request.lyrics),
        wordless=_wordless(song.request),
        language=language if isinstance(language, str) else None,
        earlier=_earlier(shown, own),
    )


def picked_take(takes: Sequence[TakeRoom], pick: int) -> TakeRoom | None:
    """The take that is the track: what was bought before a sketch, what sounds before the rest."""
    named = [take for take in takes if take.number == pick]
    return next((take for take in named if take.audio), named[0] if named else None)


def _standing(takes: Sequence[TakeRoom], picked: TakeRoom | None) -> str | None:
    """What the track list says of a song beside its length."""
    if picked is None:
        return "its pick is not among its takes"
    if picked.audio is None:
        return picked.remarks[0]
    if picked.findings:
        return "needs an ear"
    return counted(len(takes), "take") if len(takes) > 1 else None


def _wordless(request: NeutralRequest) -> str | None:
    if request.lyrics:
        return None
    if request.instrumental:
        return "Instrumental: no words were asked for."
    if request.lyrics_optimizer:
        return "The model was asked to write the words; songmake does not know them."
    return "No words were sent."


def _settings(song: Song) -> Iterator[tuple[str, str]]:
    request = song.request
    yield "Model", request.model
    asked = (
        ("Contract", song.contract if song.contract != DEFAULT_CONTRACT else None),
        ("Audio", _audio_text(request.audio) if request.audio else None),
        ("Not wanted", request.negative_prompt),
        ("Length asked for", f"{request.length_s} s" if request.length_s else None),
        ("Seed", request.seed),
        ("Steps", request.steps),
        ("Revision", song.revision or None),
        ("Tags", ", ".join(song.tags) or None),
    )
    for label, setting in asked:
        if setting is not None:
            yield label, str(setting)
    for name, said in song.metadata.items():
        if name not in _SAID_ELSEWHERE:
            yield _label(name), _said(said)


def _label(name: str) -> str:
    return name.upper() if name in ("bpm", "isrc") else name.capitalize()


def _said(said: str | int | bool) -> str:
    if isinstance(said, bool):
        return "yes" if said else "no"
    return str(said)


def _audio_text(audio: AudioSetting) -> str:
    return (
        f"{audio.format.value} · {audio.sample_rate / 1000:g} kHz · {audio.bitrate // 1000} kbit/s"
    )


def _earlier(shown: Sequence[Heard], own: Sequence[Attempt]) -> str | None:
    """What was paid in the song's name for takes that it does not want any more."""
    known = {attempt.client_request_id for each in shown for attempt in each.attempts}
    amount = sum_text(balance_of(one for one in own if one.client_request_id not in known))
    return f"Earlier requests of this song: {amount}" if amount else None
