"""One entry of ``songs`` to a :class:`Song`, or to the findings that stand in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from sys import intern
from typing import NamedTuple

from pipeline.adapters.manifest.amounts import amount_at, too_fine
from pipeline.adapters.manifest.credits_reading import read_credits
from pipeline.adapters.manifest.fields import (
    entry_of,
    integer_at,
    is_true_at,
    metadata_in,
    scalars_in,
    text_at,
    texts_at,
)
from pipeline.adapters.manifest.gated_schema import GatedSchema
from pipeline.adapters.manifest.lyrics_reading import LyricsReading, read_lyrics
from pipeline.adapters.manifest.model_choice import chosen_profile
from pipeline.adapters.manifest.model_words import (
    SWITCHES,
    cautions,
    refused_words,
    request_of,
)
from pipeline.adapters.manifest.moves_check import MOVED_FROM
from pipeline.adapters.manifest.nodes import MappingNode
from pipeline.adapters.manifest.request_check import Breach, breaches
from pipeline.adapters.manifest.source import Source
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.findings.suggestion import closest
from pipeline.core.wanted.album import NeutralRequest, Provider, Song, SongId
from pipeline.core.wanted.lyrics import sent_lyrics, sent_prompt
from pipeline.core.wanted.profile import Profile, ProfileKey, Profiles
from pipeline.core.wanted.release_codes import normal_isrc

DEFAULT_TAKES = 1
DEFAULT_PICK = 1
DEFAULT_REVISION = 0
SONG_METADATA = (
    "artist",
    "composer",
    "lyricist",
    "genre",
    "language",
    "copyright",
    "explicit",
    "bpm",
    "key",
    "isrc",
    "notes",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all songs of a manifest share. ``folder`` is the manifest's, resolved.

    ``styles`` is None where they cannot be read; ``unreadable_styles`` were reported already.
    ``schemas`` are those of the profiles' requests.
    """

    source: Source
    provider: Provider
    folder: Path
    profiles: Profiles
    schemas: Mapping[ProfileKey, GatedSchema]
    styles: Mapping[str, str] | None
    unreadable_styles: frozenset[str]


class SongDraft(NamedTuple):
    """``own`` fields, and ``fields`` with defaults merged in; ``unreadable`` were reported."""

    id: str
    number: int
    key_at: int
    own: MappingNode
    fields: MappingNode
    unreadable: frozenset[str]


@dataclass(slots=True, kw_only=True)
class SongReading:
    """Reads one song; ``findings`` grow on the way."""

    draft: SongDraft
    around: Surroundings
    findings: list[Diagnostic] = field(default_factory=list)

    def song(self) -> Song | None:
        """The song, or None with the reasons among ``findings``."""
        draft, fields = self.draft, self.draft.fields
        profile = self._profile()
        request = self._request(profile)
        self._warn_of_pick()
        title = text_at(fields, "title")
        if title is None or profile is None or request is None or draft.unreadable:
            return None
        if any(each.severity is Severity.ERROR for each in self.findings):
            return None
        return Song(
            id=SongId(draft.id),
            number=draft.number,
            title=title,
            request=request,
            takes=integer_at(fields, "takes", DEFAULT_TAKES),
            pick=integer_at(fields, "pick", DEFAULT_PICK),
            revision=integer_at(fields, "revision", DEFAULT_REVISION),
            tags=tuple(dict.fromkeys(map(intern, texts_at(fields, "tags")))),
            metadata=self._metadata(),
            credits=read_credits(fields),
            contract=profile.contract,
            price_usd=amount_at(fields, "price_usd"),
            moved_from=tuple(dict.fromkeys(map(SongId, texts_at(draft.own, MOVED_FROM)))),
        )

    def _metadata(self) -> dict[str, str | int | bool]:
        said = metadata_in(self.draft.fields, SONG_METADATA)
        isrc = said.get("isrc")
        return {**said, "isrc": normal_isrc(isrc)} if isinstance(isrc, str) else said

    def _error(self, name: str, message: str, hint: str | None) -> None:
        """An error in a part of the request, at its origin: one for all that inherit it."""
        owner = "defaults" if self._is_inherited(name) else self.draft.id
        finding = self.around.source.error(self._origin(name), f"{owner}: {message}", hint=hint)
        self.findings.append(finding)

    def _warning(self, caution: Breach) -> None:
        owner = "defaults" if self._is_inherited(caution.name) else self.draft.id
        at, words = self._origin(caution.name), caution.words
        warning = self.around.source.warning(at, f"{owner}: {words.message}", hint=words.hint)
        self.findings.append(warning)

    def _is_inherited(self, name: str) -> bool:
        if name == "prompt":  # made of several fields, and only the song says which
            return False
        return (
            entry_of(self.draft.own, name) is None and entry_of(self.draft.fields, name) is not None
        )

    def _request(self, profile: Profile | None) -> NeutralRequest | None:
        lyrics = self._lyrics()
        prompt = self._prompt()
        if profile is None:
            return None
        self._check_words(profile)
        self._check_price(profile)
        request = request_of(self.draft.fields, profile, prompt or "", self._sung(lyrics, profile))
        for breach in breaches(request, profile, self.around.schemas[profile.key]):
            self._tell(breach, request, self._unreadable_parts(prompt, lyrics))
        return request

    def _sung(self, lyrics: LyricsReading | Diagnostic | None, profile: Profile) -> str | None:
        """The words for a model that takes them; they are linted on the way."""
        if not isinstance(lyrics, LyricsReading) or not profile.takes("lyrics"):
            return None
        self.findings += lyrics.warnings(profile.structure_tags)
        return sent_lyrics(lyrics.text)

    def _check_words(self, profile: Profile) -> None:
        for refused in refused_words(self.draft.fields, profile, self.around.profiles):
            self._error(refused.name, refused.words.message, refused.words.hint)
        takes = integer_at(self.draft.fields, "takes", DEFAULT_TAKES)
        for caution in cautions(self.draft.fields, profile, takes):
            if not {caution.name, "length_s", "takes"} & self.draft.unreadable:
                self._warning(caution)

    def _check_price(self, profile: Profile) -> None:
        price = amount_at(self.draft.fields, "price_usd")
        words = None if price is None else too_fine("price_usd", price)
        if words is not None:
            self._error("price_usd", words.message, words.hint)
        is_unknown = price is None and profile.price_usd is None
        is_bought = self.around.provider is Provider.AIMLAPI
        if is_unknown and is_bought and "price_usd" not in self.draft.unreadable:
            message = f"what {profile.model} costs is not known: nothing is bought unpriced"
            hint = "add “price_usd: …”, what the provider asks for one generation, to reserve it"
            self._error("model", message, hint)

    def _unreadable_parts(
        self, prompt: str | None, lyrics: LyricsReading | Diagnostic | None
    ) -> frozenset[str]:
        parts = set(self.draft.unreadable)
        if prompt is None:
            parts.add("prompt")
        is_refused = any(is_true_at(self.draft.fields, word) for word in SWITCHES)
        has_entry = entry_of(self.draft.fields, "lyrics") is not None
        if not isinstance(lyrics, LyricsReading) and (is_refused or has_entry):
            parts.add("lyrics")
        return frozenset(parts)

    def _tell(self, breach: Breach, request: NeutralRequest, unreadable: frozenset[str]) -> None:
        if breach.name.split(".")[0] in unreadable:
            return
        if breach.name == "prompt" and not request.prompt:
            hint = "write a prompt, or name a style"
            self._error("prompt", f"{request.model} needs a prompt", hint)
        else:
            self._error(breach.name, breach.words.message, breach.words.hint)

    def _origin(self, name: str) -> int:
        """The place in the manifest that a part of the request came from."""
        fields = self.draft.fields
        if name == "prompt":
            entry = entry_of(fields, "prompt") or entry_of(fields, "style")
            return entry.key_at if entry is not None else self.draft.key_at
        for dotted in (f"{name}.file", name, name.split(".")[0]):
            entry = entry_of(fields, dotted)
            if entry is not None:
                return entry.value.at
        return self.draft.key_at

    def _profile(self) -> Profile | None:
        if not self.draft.unreadable.isdisjoint(("model", "contract")):
            return None
        chosen = chosen_profile(self.draft.fields, self.around.profiles)
        if isinstance(chosen, Profile):
            return chosen
        at, words = self._origin(chosen.name), chosen.words
        self.findings.append(self.around.source.error(at, words.message, hint=words.hint))
        return None

    def _lyrics(self) -> LyricsReading | Diagnostic | None:
        lyrics = read_lyrics(
            self.draft.fields, source=self.around.source, folder=self.around.folder
        )
        if isinstance(lyrics, Diagnostic):
            self.findings.append(lyrics)
        return lyrics

    def _prompt(self) -> str | None:
        """The prompt as it is sent; None where a part of it cannot be read."""
        if "style" in self.draft.unreadable or self.around.styles is None:
            return None
        fragments = list(self._fragments(self.around.styles))
        known = [fragment for fragment in fragments if fragment is not None]
        if "prompt" in self.draft.unreadable or len(known) < len(fragments):
            return None
        return sent_prompt(known, text_at(self.draft.fields, "prompt"))

    def _fragments(self, styles: Mapping[str, str]) -> Iterator[str | None]:
        for scalar in scalars_in(self.draft.fields, "style"):
            name = scalar.text
            if name not in styles and name not in self.around.unreadable_styles:
                near = closest(name, styles)
                hint = f"did you mean {near}?" if near else f"add {excerpt(name)} to styles"
                message = f"unknown style {excerpt(name)}"
                self.findings.append(self.around.source.error(scalar.at, message, hint=hint))
            yield styles.get(name)

    def _warn_of_pick(self) -> None:
        fields = self.draft.fields
        pick = integer_at(fields, "pick", DEFAULT_PICK)
        takes = integer_at(fields, "takes", DEFAULT_TAKES)
        if pick <= takes or {"pick", "takes"} & self.draft.unreadable:
            return
        message = f"{self.draft.id}: take {pick} is picked and takes is {takes}: it has no track"
        warning = self.around.source.warning(
            self._origin("pick"), message, hint=f"pick at most {takes}, or raise takes to {pick}"
        )
        self.findings.append(warning)
