"""A checked manifest tree to an :class:`Album`; its broken parts are skipped, not guessed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipeline.adapters.manifest.amounts import amount_at, too_fine
from pipeline.adapters.manifest.credits_reading import read_credits
from pipeline.adapters.manifest.fields import (
    entry_of,
    integer_at,
    metadata_in,
    section_of,
    text_at,
)
from pipeline.adapters.manifest.gated_schema import GatedSchema
from pipeline.adapters.manifest.model_words import MODEL_WORDS
from pipeline.adapters.manifest.moves_check import moves_findings
from pipeline.adapters.manifest.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    forget,
    mapping,
    merged,
    without,
)
from pipeline.adapters.manifest.release_code_check import Release, equal_isrcs, wrong_upc
from pipeline.adapters.manifest.schema_check import SchemaCheck, id_like
from pipeline.adapters.manifest.song_reading import SongDraft, SongReading, Surroundings
from pipeline.adapters.manifest.source import Source
from pipeline.adapters.manifest.tree_builder import MOST_FINDINGS
from pipeline.core.findings.characters import excerpt
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.wanted.album import Album, AlbumId, Provider, Song
from pipeline.core.wanted.digest import digest_of
from pipeline.core.wanted.profile import Profiles

if TYPE_CHECKING:
    from pipeline.core.wanted.cover import Cover

DEFAULT_PROVIDER = Provider.SKETCH
ALBUM_METADATA = (
    "date",
    "genre",
    "label",
    "upc",
    "copyright",
    "language",
    "composer",
    "lyricist",
    "explicit",
    "notes",
)
_NOTHING = mapping(0, {})


class _Unreadable(NamedTuple):
    """Fields that cannot be read: those that songs inherit, and each song's own by its id."""

    inherited: frozenset[str]
    of_songs: Mapping[str, set[str]]

    def of(self, song_id: str, own: MappingNode) -> frozenset[str]:
        """Those of a song with these fields of its own."""
        return (self.inherited - own.entries.keys()).union(self.of_songs.get(song_id, ()))


class AlbumReading:
    """Reads one manifest; findings and places are filled on the way."""

    def __init__(
        self,
        *,
        root: Node,
        checked: SchemaCheck,
        source: Source,
        path: Path,
        profiles: Profiles,
    ) -> None:
        self.findings: list[Diagnostic] = []
        self.id_at = 0
        self.song_at: dict[str, int] = {}
        self.release: Release | None = None
        self._isrc_at: dict[str, int] = {}
        pruned = without(root, checked.broken)
        self._root = pruned if isinstance(pruned, MappingNode) else _NOTHING
        self._unreadable = checked.broken | checked.meant
        self._source = source
        self._path = path
        self._profiles = profiles

    def album(self, provider: Provider | None) -> Album | None:
        """The album; None where parts are missing. Errors are among ``findings`` or reported."""
        bought_from = provider or self._provider()
        moves = tuple(moves_findings(section_of(self._root, "songs"), self._source))
        songs = tuple(self._songs(bought_from))
        self._warn_of_equal_requests(songs, bought_from)
        self.findings += moves
        fields = section_of(self._root, "album")
        self.release = self._release(fields, songs, bought_from)
        album_id = self._album_id(fields)
        cover = self._cover(fields)
        budget_usd = self._budget_usd()
        title = text_at(fields, "title")
        if title is None or album_id is None:
            return None
        return Album(
            id=AlbumId(album_id),
            title=title,
            artist=text_at(fields, "artist"),
            year=integer_at(fields, "year", 0) or None,
            provider=bought_from,
            budget_usd=budget_usd,
            songs=songs,
            source=self._source.file,
            metadata=metadata_in(fields, ALBUM_METADATA),
            cover=cover,
            credits=read_credits(self._root),
        )

    def _release(self, fields: MappingNode, songs: tuple[Song, ...], provider: Provider) -> Release:
        upc = entry_of(fields, "upc")
        release = Release(
            source=self._source,
            provider=provider,
            songs=songs,
            isrc_at=self._isrc_at,
            upc=text_at(fields, "upc"),
            upc_at=upc.value.at if upc is not None else None,
        )
        self.findings += wrong_upc(release)
        self.findings += equal_isrcs([release], is_across=False)
        return release

    def _cover(self, fields: MappingNode) -> Cover | None:
        if "cover" not in fields.entries:
            return None
        # Only an album with a cover needs what reads pictures and takes checksums of them.
        from pipeline.adapters.manifest.cover_reading import read_cover

        folder = self._path.parent.resolve()
        cover, findings = read_cover(fields, source=self._source, folder=folder)
        self.findings += findings
        return cover

    def _provider(self) -> Provider:
        named = text_at(self._root, "provider")
        return Provider(named) if named is not None else DEFAULT_PROVIDER

    def _album_id(self, fields: MappingNode) -> str | None:
        entry = self._root.entries.get("album")
        given = entry_of(fields, "id")
        self.id_at = given.value.at if given else entry.key_at if entry else 0
        if given is not None:
            return text_at(fields, "id")
        if {("album", "id"), ("album",)} & self._unreadable:
            return None
        stem = self._path.stem
        if id_like(stem) == stem and stem:
            return stem
        meant = id_like(stem) or "my-album"
        message = f"the file's name {excerpt(stem)} is no album id"
        hint = f"add “id: {meant}” to album, or rename the file"
        self.findings.append(self._source.error(self.id_at, message, hint=hint))
        return None

    def _budget_usd(self) -> Decimal | None:
        budget = amount_at(self._root, "budget_usd")
        words = None if budget is None else too_fine("budget_usd", budget)
        if words is not None:
            at = self._root.entries["budget_usd"].value.at
            self.findings.append(self._source.error(at, words.message, hint=words.hint))
        return budget

    def _songs(self, provider: Provider) -> Iterator[Song]:
        around = self._surroundings(provider)
        errors = 0
        for draft in self._drafts():
            if errors >= MOST_FINDINGS:
                return
            reading = SongReading(draft=draft, around=around)
            song = reading.song()
            self.findings += reading.findings
            errors += sum(each.severity is Severity.ERROR for each in reading.findings)
            if song is not None:
                yield song

    def _surroundings(self, provider: Provider) -> Surroundings:
        styles = section_of(self._root, "styles").entries
        schemas = {
            key: GatedSchema(profile.request_schema) for key, profile in self._profiles.items()
        }
        return Surroundings(
            source=self._source,
            provider=provider,
            folder=self._path.parent.resolve(),
            profiles=self._profiles,
            schemas=schemas,
            styles=None
            if ("styles",) in self._unreadable
            else {name: _text_of(entry.value) for name, entry in styles.items()},
            unreadable_styles=frozenset(
                str(path[1]) for path in self._unreadable if path[0:1] == ("styles",) and path[1:]
            ),
        )

    def _drafts(self) -> Iterator[SongDraft]:
        defaults = section_of(self._root, "defaults")
        songs = section_of(self._root, "songs")
        unreadable = self._unreadable_fields()
        for number, (song_id, (key_at, node)) in enumerate(songs.entries.items(), start=1):
            self.song_at[song_id] = key_at
            own = node if isinstance(node, MappingNode) else _NOTHING
            isrc = own.entries.get("isrc")
            if isrc is not None:
                self._isrc_at[song_id] = isrc.value.at
            yield SongDraft(
                id=song_id,
                number=number,
                key_at=key_at,
                own=own,
                fields=merged(defaults, own),
                unreadable=unreadable.of(song_id, own),
            )
            forget(songs, song_id)

    def _unreadable_fields(self) -> _Unreadable:
        """The fields that were reported already."""
        inherited: set[str] = set()
        of_songs: dict[str, set[str]] = defaultdict(set)
        for path in self._unreadable:
            match path:
                case ("defaults",):
                    inherited |= {
                        "prompt", "style", "model", "contract", "price_usd", *MODEL_WORDS
                    }  # fmt: skip
                case ("defaults", str(name), *_):
                    inherited.add(name)
                case ("songs", str(song_id), str(name), *_):
                    of_songs[song_id].add(name)
        return _Unreadable(inherited=frozenset(inherited), of_songs=of_songs)

    def _warn_of_equal_requests(self, songs: tuple[Song, ...], provider: Provider) -> None:
        """Songs share all their takes' digests or none: the first take's tells."""
        prompts = Counter(song.request.prompt for song in songs)
        alike = [song for song in songs if prompts[song.request.prompt] > 1]
        sung = Counter((song.request.prompt, song.request.lyrics) for song in alike)
        first_with: dict[str, Song] = {}
        for song in alike:
            if sung[song.request.prompt, song.request.lyrics] == 1:
                continue  # no digest is taken of what is alone in its words
            digest = digest_of(song.request, provider=provider, take=1, revision=song.revision)
            other = first_with.setdefault(digest, song)
            if other is not song:
                message = f"{song.id} asks for exactly what {other.id} does: one purchase for both"
                hint = f"“revision: {song.revision + 1}” makes a second performance"
                at = self.song_at[song.id]
                self.findings.append(self._source.warning(at, message, hint=hint))


def _text_of(node: Node) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
