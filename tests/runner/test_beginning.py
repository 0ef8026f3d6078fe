"""A first album says exactly what its owner typed, and is valid whatever that was."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.manifest import load_manifest, load_profiles
from pipeline.core.starter.manifest_text import NewAlbum
from pipeline.core.wanted.album import Album
from pipeline.errors import ManifestError, UsageError
from pipeline.runner.start.beginning import begin, manifest_path

PROFILES = load_profiles()
AWKWARD = (
    "No", "null", "1e3", "0x10", "12:30", "~", "- a", "? b", "a: b", "a #1", '"quoted"', "it's",
    "\\n", "{x}", "[y]", "&z *z !z %z @z `z", "<<", "= 3", "🎷🏳️‍🌈", "שלום עולם", "\u202eevil",
    "zero\u200bwidth", "a\u2028b", "\ufeffbom", "nbsp\u00a0inside", "...", "---", "{title}", "%s",
)  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60),
).filter(lambda text: text == text.strip() and text)


def written(folder: Path, **fields) -> Album:
    made = {"title": "A", "artist": "B", "style": "a quiet waltz", "song_count": 2, **fields}
    path = manifest_path(folder, made["title"])
    begin(NewAlbum(**made), path)
    loaded = load_manifest(path, profiles=PROFILES, provider=None, shown_as=str(path))
    assert loaded.album is not None, loaded.diagnostics
    path.unlink()
    return loaded.album


@settings(max_examples=40)
@given(title=TEXTS, artist=TEXTS, style=TEXTS, songs=st.lists(TEXTS, max_size=3))
def test_whatever_is_typed_is_what_the_manifest_says(
    tmp_path_factory: pytest.TempPathFactory, title: str, artist: str, style: str, songs: list[str]
):
    folder = tmp_path_factory.getbasetemp() / "typed"
    album = written(folder, title=title, artist=artist, style=style, titles=tuple(songs),
                    song_count=3)  # fmt: skip
    assert (album.title, album.artist) == (title, artist)
    assert [song.title for song in album.songs][: len(songs)] == songs
    assert len({song.id for song in album.songs}) == 3
    assert all(song.request.prompt.startswith(style) for song in album.songs)
    assert len({song.request for song in album.songs}) == 3


def test_what_no_manifest_can_say_is_refused_and_nothing_is_written(tmp_path: Path):
    for fields in ({"title": "x" * 301}, {"artist": " "}, {"style": "\x07"}, {"language": "?"}):
        with pytest.raises(ManifestError, match="nothing was written"):
            written(tmp_path, **fields)
    assert list(tmp_path.iterdir()) == []


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not a folder"):
        written(tmp_path / "notes.txt")


def test_nothing_is_ever_overwritten(tmp_path: Path):
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already"):
        begin(NewAlbum(title="A", artist="B", style="a waltz", song_count=1), path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]
    assert path.read_text(encoding="utf-8") == "mine"


def test_editors_find_the_schema_beside_the_manifest_without_a_network(tmp_path: Path):
    path = manifest_path(tmp_path, "A")
    begun = begin(NewAlbum(title="A", artist="B", style="a waltz", song_count=1), path)
    line = path.read_text(encoding="utf-8").splitlines()[0]
    named = path.parent / line.partition("$schema=")[2]
    assert json.loads(named.read_text(encoding="utf-8"))["$id"] == "urn:songmake:album:1"
    assert begun.schema == named


def test_in_a_checkout_of_songmake_its_own_schema_is_named(tmp_path: Path):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "album.schema.json").write_text("{}", encoding="utf-8")
    path = manifest_path(tmp_path, "A")
    begun = begin(NewAlbum(title="A", artist="B", style="a waltz", song_count=1), path)
    assert "$schema=../schemas/album.schema.json\n" in path.read_text(encoding="utf-8")
    assert begun.schema is None
