"""Picks from the command line and from a picks file: written into the manifest, free."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, files, inside, printed, tracks
from tests.command import Songmake

MANIFEST = """\
# the demo, after a long night
album:
  title: An album      # working title
  artist: 'An artist'

provider: aimlapi
songs:
  coda:                # the last one
    title: No
    prompt: "warm indie folk, 92 BPM"
    takes: 3   # never more

    lyrics: |
      [Verse]
      Streetlights flicker, the night breeze sighs
      # this is sung
  opener: {title: Yes, prompt: 'warm indie folk, 80 BPM', takes: 2, lyrics: "[Verse]\\nThe night"}
"""


@pytest.fixture
def desk(project: Path) -> Songmake:
    """A project with a manifest that somebody cares for, in Windows' line ends."""
    path = project / "manifests" / "demo.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MANIFEST.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    return Songmake(project=project, environment={})


def text_of(desk: Songmake) -> str:
    content = (desk.project / "manifests" / "demo.yaml").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\n") == content.count(b"\r\n")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def picks_file(desk: Songmake, text: str | None = None, **fields: object) -> str:
    path = desk.project / "demo.picks.json"
    document = {"schema": "songmake/picks/1", "album": "demo", "picks": {"coda": 2}, **fields}
    path.write_text(json.dumps(document, indent=1) if text is None else text)
    return path.name


def test_a_pick_adds_one_line_and_touches_nothing_else(desk: Songmake):
    ended = inside(desk, "pick", "coda#2")
    assert ended.code == 0, ended.said
    assert ended.out == "demo/coda: take 2 instead of 1 (manifests/demo.yaml)\n"
    assert ended.err == "next: publish it, free: songmake render\n"
    line = "    takes: 3   # never more\n"
    assert text_of(desk) == MANIFEST.replace(line, f"{line}    pick: 2\n")
    assert (desk.project / "manifests" / "demo.yaml").stat().st_mode & 0o777 == 0o640
    assert list(files(desk.project / "manifests")) == ["demo.yaml"]
    assert not (desk.project / ".songmake").exists()


def test_a_picks_file_and_words_may_come_together(desk: Songmake):
    assert inside(desk, "pick", "coda#3", "manifests/demo.yaml").err == (
        "next: publish it, free: songmake render manifests/demo.yaml\n"
    )
    words = ("opener#2", picks_file(desk), "manifests/demo.yaml")
    document = printed(inside(desk, "pick", "--json", *words), "picked")
    assert document["is_written"]
    assert [(row["song"], row["before"], row["take"]) for row in document["picks"]] == [
        ("opener", 1, 2),
        ("coda", 3, 2),
    ]
    assert "takes: 2, pick: 2, lyrics" in text_of(desk)
    assert "    pick: 2\n" in text_of(desk)


def test_where_nothing_changes_nothing_is_written(desk: Songmake):
    path = desk.project / "manifests" / "demo.yaml"
    before = path.stat()
    ended = inside(desk, "pick", "coda#1", "opener#1")
    assert (ended.code, ended.err) == (0, "nothing to write\n")
    assert ended.out.count("is picked already") == 2
    assert inside(desk, "pick", picks_file(desk, picks={})).code == 0
    ended = inside(desk, "pick", "-n", "coda#3")
    assert (ended.code, ended.out.count("take 3 instead of 1")) == (0, 1)
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("coda#4",), "pick a take from 1 to 3"),
        (("coda#2", "codda#1"), "did you mean 'coda#1'?"),
        (("coda#2", "other/coda#2"), "name the manifest"),
        (("coda#2", "coda#3"), "say which"),
        (("coda#2", "opener#9", "closer#1"), "mend them"),
        (("coda",), "songmake pick 'coda#2'"),
        (("coda#two",), "songmake pick 'coda#2'"),
        (("manifests",), "songmake pick 'coda#2'"),
        (("coda#2", "nowhere.yaml"), "manifest"),
        (("coda#2", "nowhere.json"), "where the browser saved it"),
    ],
)
def test_what_cannot_be_picked_changes_nothing_at_all(desk: Songmake, words, hint: str):
    ended = inside(desk, "pick", *words)
    assert (ended.code, ended.out) == (2, "")
    assert hint in ended.err.split("hint: ", 1)[1]
    assert text_of(desk) == MANIFEST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"schema": "songmake/picks/1",\n"album": "other", "picks": {"coda": 2}}', ":2: "),
        ("songs:\n  coda:\n    pick: 2\n", ":1: expected"),
        ('{"schema": "songmake/picks/1",\n"album": "demo",\n"picks": {"coda": "2"}}', ":3: "),
        ('{"picks": {"coda": 1,\n\n"coda": 2}}', ":3: "),
        ("[" * 200_000, ":1: expected"),
        ('{"a":' * 200_000, ":1: "),
        (" " * (3 << 20), "is larger than 2048 KiB"),
    ],
)
def test_a_hostile_picks_file_is_refused_with_its_place(desk: Songmake, text: str, said: str):
    ended = inside(desk, "pick", "opener#2", picks_file(desk, text))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("error: demo.picks.json")
    assert said in ended.err
    assert "hint: " in ended.err
    assert text_of(desk) == MANIFEST


def test_a_picks_file_that_is_not_here_is_named_where_browsers_save(desk: Songmake):
    ended = inside(desk, "pick", "demo.picks.json")
    assert ended.code == 2
    assert ended.err.endswith("songmake pick ~/Downloads/demo.picks.json\n")


def test_a_picks_file_in_another_encoding_is_refused_with_its_place(desk: Songmake):
    path = desk.project / "demo.picks.json"
    path.write_bytes('{"album":\n"dém'.encode("latin-1"))
    ended = inside(desk, "pick", "demo.picks.json")
    assert ended.code == 2
    assert "demo.picks.json:2:3: the picks file is not UTF-8" in ended.err


def test_an_alias_is_named_by_its_place_and_nothing_is_written(desk: Songmake):
    path = desk.project / "manifests" / "demo.yaml"
    path.write_text(MANIFEST + "  twin: *once\n".replace("once", "o"))
    path.write_text(path.read_text().replace("opener: {", "opener: &o {"))
    before = path.read_bytes()
    ended = inside(desk, "pick", "coda#2", "twin#2")
    assert ended.code == 2
    assert re.search(r"manifests/demo\.yaml:\d+:9: error: twin is the alias \*o", ended.err)
    assert "hint: write out here what &o holds, with “pick: 2” in it" in ended.err
    assert path.read_bytes() == before


def test_albums_that_share_a_song_are_told_apart(desk: Songmake):
    other = desk.project / "manifests" / "other.yaml"
    other.write_text(MANIFEST.replace("An album", "Another"))
    ended = inside(desk, "pick", "coda#2")
    assert (ended.code, "name one: 'demo/coda#2', 'other/coda#2'" in ended.err) == (2, True)
    assert inside(desk, "pick", "other/coda#2", picks_file(desk, picks={"coda": 3})).code == 0
    assert ("pick: 2\n" in other.read_text(), "pick: 3\n" in text_of(desk)) == (True, True)
    assert inside(desk, "pick", "opener#2", "manifests/other.yaml").code == 0
    assert "pick: 2," in other.read_text()


def test_a_manifest_that_does_not_hold_is_not_edited(desk: Songmake):
    path = desk.project / "manifests" / "demo.yaml"
    path.write_text(MANIFEST + "titel: x\n")
    ended = inside(desk, "pick", "coda#2")
    assert ended.code == 2
    assert "manifests/demo.yaml:" in ended.err
    assert path.read_text() == MANIFEST + "titel: x\n"


def test_a_picked_take_is_published_free(shop: Songmake):
    wanted = songs(1)
    wanted["song-1"]["takes"] = 2
    write_manifest(shop.project, wanted)
    assert again(shop).code == 0
    aside = tracks(shop)["takes/song-1.2.mp3"]
    bought = len(shop.report()["takes"])
    assert inside(shop, "pick", "song-1#2").code == 0
    assert json.loads((shop.project / "manifests" / "album.yaml").read_text())
    planned = printed(inside(shop, "plan", "--json"), "plan")
    assert planned["totals"]["price_usd"] == "0.000000"
    assert inside(shop, "plan", "--check").code == 10
    assert again(shop).code == 0
    assert len(shop.report()["takes"]) == bought
    assert tracks(shop)["01-song-1.mp3"][-2000:] == aside[-2000:]
    assert inside(shop, "plan", "--check").code == 0


def test_a_hint_about_a_file_is_one_word_to_the_shell_whatever_its_name(desk: Songmake):
    folder = desk.project / "it's $(mine)"
    (desk.project / "manifests").rename(folder)
    (folder / "demo.yaml").chmod(0o440)
    (folder / "album.schema.json").write_text("{}", encoding="utf-8")
    picked = inside(desk, "pick", "coda#2", f"{folder.name}/demo.yaml")
    (hint,) = (line for line in picked.err.splitlines() if "chmod" in line)
    assert shlex.split(hint) == ["hint:", "chmod", "u+w", f"{folder.name}/demo.yaml"]
    examined = inside(desk, "doctor", "--offline", "--json", folder.name)
    (editor,) = (one for one in json.loads(examined.out)["checks"] if one["check"] == "editor")
    assert shlex.split(editor["hint"])[-1] == f"{folder.name}/album.schema.json"
