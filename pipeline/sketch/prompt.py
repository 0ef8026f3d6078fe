"""What a prompt asks for, from tempo and key to players and mood. Nothing is refused."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.sketch.genres import GENRES, Drums, Genre, GenreTraits, genre_of, usual_bpm
from pipeline.sketch.hearing.band import Band, Lead, band_in
from pipeline.sketch.hearing.mood import Dynamics, dynamics_in
from pipeline.sketch.hearing.pace import Meter, half_time_in, length_in, meter_in
from pipeline.sketch.hearing.singers import Voice, choir_in, voice_in
from pipeline.sketch.hearing.tempo import FASTEST_BPM, SLOWEST_BPM, tempo_in
from pipeline.sketch.hearing.tonality import key_in
from pipeline.sketch.hearing.words import Finding, Words, parted
from pipeline.sketch.theory import Key

__all__ = [
    "FASTEST_BPM", "SLOWEST_BPM", "Finding", "Lead", "Meter", "Style", "Voice", "understand",
]  # fmt: skip

_FASTEST_COMPOUND_BPM = 144
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A prompt, understood: what its words say, and what was assumed where they are silent."""

    bpm: int  # of quarters; in 6/8, 9/8 and 12/8 of dotted quarters
    meter: Meter
    is_half_time: bool  # drums only
    key: Key
    genre: Genre
    voice: Voice
    has_choir: bool  # behind the lead
    solo: Lead  # plays the tune where nobody sings
    drums: Drums
    comping: tuple[str, ...]  # one or two accompanying instruments, the first one always plays
    pad: str | None
    bass: str | None
    intensity: float  # -1 a whisper … 1 an anthem
    dynamics: Dynamics
    target_s: float | None
    heard: tuple[Finding, ...]
    assumed: tuple[Finding, ...]

    @property
    def traits(self) -> GenreTraits:
        """What the genre brings along."""
        return GENRES[self.genre]

    @property
    def is_alone(self) -> bool:
        """Whether one instrument is all there is beside the voice."""
        return len(self.comping) == 1 and not (self.pad or self.bass) and self.drums is Drums.NONE

    @property
    def lead(self) -> Lead:
        """What carries the melody where there is but one."""
        return {
            Voice.FEMALE: Lead.HIGH_VOICE, Voice.MALE: Lead.LOW_VOICE, Voice.CHOIR: Lead.CHOIR,
            Voice.DUET: Lead.HIGH_VOICE, Voice.NONE: self.solo,
        }[self.voice]  # fmt: skip


class _Notes:
    """Findings as they come up."""

    def __init__(self, genre: Genre) -> None:
        self.heard: list[Finding] = []
        self.assumed: list[Finding] = []
        self._custom = f"custom of {genre}"

    def add(self, field: str, value: object, said: str | None, custom: str | None = None) -> None:
        if said:
            self.heard.append(Finding(field=field, value=str(value), why=" ".join(said.split())))
        else:
            why = custom or self._custom
            self.assumed.append(Finding(field=field, value=str(value), why=why))


def understand(prompt: str, seed: bytes) -> Style:
    """Read a prompt; what it does not say is the genre's custom, or the seed's choice."""
    words = parted(prompt)
    genre, genre_said = genre_of(prompt)
    traits = GENRES[genre]
    notes = _Notes(genre)
    notes.add("genre", genre, genre_said, "no genre was named")
    bpm, said = tempo_in(words, usual_bpm(genre, genre_said, words.wanted))
    meter, meter_said = meter_in(words)
    if meter.is_compound and said and bpm > _FASTEST_COMPOUND_BPM:
        bpm = round(bpm / 2)  # so fast, eighths were counted, or two beats to the dotted quarter
    notes.add("tempo", f"{bpm} bpm", said)
    notes.add("metre", meter, meter_said)
    half_time_said = half_time_in(words) if meter is Meter.FOUR else None
    if half_time_said:
        notes.add("drums' pace", "half time", half_time_said)
    key, tonic_said, mode_said = key_in(words, traits.mode, seed)
    notes.add("key", _NOTES[key.tonic], tonic_said, "chosen by the seed")
    notes.add("mode", key.mode, mode_said)
    voice, said = voice_in(words)
    notes.add("voice", voice, said, "no voice was named")
    band = band_in(words, traits)
    _note_band(notes, band, words)
    dynamics, intensity, mood_said = dynamics_in(words)
    notes.add("intensity", f"{intensity:+.2f}", ", ".join(mood_said) or None, "no mood was named")
    for said in dynamics.said:
        notes.add("dynamics", said, said)
    target_s, length_said = length_in(words)
    notes.add("length", f"{target_s:.0f} s" if target_s else "as the lyrics need", length_said,
              "no length was named")  # fmt: skip
    return Style(
        bpm=bpm, meter=meter, is_half_time=half_time_said is not None, key=key, genre=genre,
        voice=voice, has_choir=choir_in(words) is not None, solo=band.solo, drums=band.drums,
        comping=band.comping, pad=band.pad, bass=band.bass, intensity=intensity,
        dynamics=dynamics, target_s=target_s, heard=tuple(notes.heard),
        assumed=tuple(notes.assumed),
    )  # fmt: skip


def _note_band(notes: _Notes, band: Band, words: Words) -> None:
    notes.add("instruments", " and ".join(band.comping), ", ".join(band.comping_said) or None)
    notes.add("pad", band.pad or "none", band.pad_said)
    notes.add("bass", band.bass or "none", band.bass_said)
    notes.add("drums", band.drums, band.drums_said)
    notes.add("solo", band.solo, band.solo_said)
    if refused := " ".join(words.refused.split()):
        notes.add("unwanted", refused, refused)
