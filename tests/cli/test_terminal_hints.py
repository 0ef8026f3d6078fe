"""What a message says to type works as it is printed, given flags and all."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import song, songs, write_manifest
from tests.cli.seeing import inside
from tests.command import ROOT, Ended, Songmake
from tests.vendor.client import Vendor

TAIL = ("--poll-interval", "0.05")


def in_shell(command: str) -> list[str]:
    """The words that a shell makes of a printed command, ``songmake`` aside."""
    script = f'songmake() {{ printf "%s\\0" "$@"; }}\n{command}'
    ended = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    return ended.stdout.split("\0")[:-1]


def printed(ended: Ended, pattern: str) -> list[str]:
    """The one command among the hints and next steps that begins like ``pattern``."""
    lines = re.findall(rf"^ *(?:hint|next): .*?({pattern}.*)$", ended.said, re.MULTILINE)
    assert lines, ended.said
    return in_shell(lines[0])


@pytest.fixture
def flags(tmp_path: Path) -> tuple[str, ...]:
    """Folders that a shell would take apart, none of them the default."""
    store = tmp_path / "a store's own"
    store.mkdir()
    words = {"--state": "my state", "--output": "out $HOME", "--store": store}
    return tuple(str(word) for pair in words.items() for word in pair)


@pytest.fixture
def album(shop: Songmake) -> str:
    """A manifest that says sketch, in a folder that has to be quoted; flags say otherwise."""
    written = write_manifest(shop.project, songs(1), provider="sketch")
    place = shop.project / "an album"
    place.mkdir()
    shutil.move(written, place / "album.yaml")
    written.parent.rmdir()
    return "an album/album.yaml"


def test_consent_names_the_whole_command_with_what_agrees_to_it(
    shop: Songmake, vendor: Vendor, album: str, flags: tuple[str, ...]
):
    refused = inside(shop, "render", album, "--provider", "aimlapi", *flags, *TAIL)
    assert refused.code == 2
    assert printed(refused, "songmake render")[-1] == "--yes"
    capped = re.search(r"so much at most: (songmake .*)", refused.err)
    assert capped
    assert inside(shop, *in_shell(capped[1])).code == 0
    assert len(vendor.ledger().accepted) == 1
    assert (shop.project / "out $HOME" / "album" / "cost-report.json").exists()
    assert not (shop.project / "outputs").exists()


def test_a_doubt_is_settled_and_bought_by_what_is_printed(
    shop: Songmake, vendor: Vendor, album: str, flags: tuple[str, ...]
):
    vendor.fault("post", "500")
    vendor.fault("logs", "404", times=None)
    given = (album, "--provider", "aimlapi", *flags)
    ended = inside(shop, "render", *given, "--yes", *TAIL)
    assert ended.code == 3, ended.said
    words = printed(inside(shop, "status", *given), "songmake settle")
    assert words == ["settle", "album/song-1#1", album, *_settling(flags), "--generation", "ID"]
    settled = inside(shop, *words[:-2], "--not-charged")
    assert settled.code == 0, settled.said
    again = printed(settled, "songmake render")
    assert again == ["render", album, *_settling(flags)]
    assert inside(shop, *again, "--provider", "aimlapi", "--yes", *TAIL).code == 0


def _settling(flags: tuple[str, ...]) -> tuple[str, ...]:
    """``--state``, ``--store``, ``--output``: in the order of a hint."""
    pairs = dict(zip(flags[::2], flags[1::2], strict=True))
    return tuple(
        word for name in ("--state", "--store", "--output") for word in (name, pairs[name])
    )


def test_lost_purchases_are_imported_by_what_is_printed(
    shop: Songmake, vendor: Vendor, album: str, flags: tuple[str, ...]
):
    given = (album, "--provider", "aimlapi", *flags)
    assert inside(shop, "render", *given, "--yes", *TAIL).code == 0
    shutil.rmtree(shop.project / "my state")
    next((shop.project / "an album").glob("*.lock.json")).unlink()
    refused = inside(shop, "render", *given, "--yes", *TAIL)
    assert refused.code == 7
    assert inside(shop, *printed(refused, "songmake report")).code == 0
    assert inside(shop, "render", *given, "--yes", *TAIL).code == 0
    assert len(vendor.ledger().accepted) == 1


def test_a_missing_blob_is_taken_back_by_what_is_printed(
    shop: Songmake, album: str, flags: tuple[str, ...]
):
    given = (album, "--provider", "aimlapi", *flags)
    assert inside(shop, "render", *given, "--yes", *TAIL).code == 0
    blobs = [path for path in Path(flags[-1]).rglob("*.mp3") if path.is_file()]
    assert len(blobs) == 1
    blobs[0].unlink()
    shutil.rmtree(shop.project / "my state" / "store", ignore_errors=True)
    found = inside(shop, "verify", *given)
    assert found.code == 7, found.said
    assert inside(shop, *printed(found, "songmake verify")).code == 0
    assert inside(shop, "verify", *given).code == 0


def test_what_gc_lists_is_removed_by_what_is_printed(
    shop: Songmake, album: str, flags: tuple[str, ...]
):
    given = (album, *flags)
    assert inside(shop, "render", album, "--provider", "aimlapi", *flags, "--yes", *TAIL).code == 0
    waste = shop.project / "my state" / "partial" / "left.part"
    waste.parent.mkdir(exist_ok=True)
    waste.write_bytes(b"half a song")
    listed = inside(shop, "gc", *given, "--older-than", "0")
    assert listed.code == 0
    assert "1 file removable" in listed.out, listed.said
    removed = inside(shop, *printed(listed, "songmake gc"))
    assert removed.code == 0
    assert "1 file removed" in removed.out
    assert not waste.exists()


def test_what_failed_is_bought_again_by_what_is_printed(
    shop: Songmake, vendor: Vendor, album: str, flags: tuple[str, ...]
):
    vendor.fault("poll", "error_status")
    given = (album, "--provider", "aimlapi", *flags)
    assert inside(shop, "render", *given, "--yes", *TAIL).code == 1
    for command in ("status", "plan"):
        words = printed(inside(shop, command, *given), "songmake render")
        assert words[:4] == ["render", album, "--provider", "aimlapi"]
    assert inside(shop, *words, "--yes", *TAIL).code == 0
    assert len(vendor.ledger().accepted) == 2


def test_what_the_environment_says_is_not_repeated(shop: Songmake, vendor: Vendor):
    vendor.fault("poll", "error_status")
    write_manifest(shop.project, songs(1))
    told = replace(shop, environment={**shop.environment, "SONGMAKE_STATE": "elsewhere"})
    assert inside(told, "render", "--yes", *TAIL).code == 1
    assert printed(inside(told, "status"), "songmake") == ["render", "--replace", "album/song-1#1"]


def test_an_empty_store_is_said_how_to_do_without(shop: Songmake, tmp_path: Path):
    write_manifest(shop.project, songs(1))
    assert inside(shop, "render", "--yes", *TAIL).code == 0
    empty = tmp_path / "empty"
    empty.mkdir()
    shutil.rmtree(shop.project / ".songmake" / "store")
    shutil.rmtree(shop.project / "outputs")
    refused = inside(shop, "render", "--store", str(empty), "--yes")
    assert refused.code == 7
    hints = [line for line in refused.err.splitlines() if line.startswith("hint: ")]
    assert hints == [
        "hint: mount it, or name the store that holds them",
        "hint: if they are gone for good, fetch what can be had, without --store: songmake render",
        f"hint: and then fill the new one: songmake render --store {empty}",
    ]
    for line in hints[1:]:
        typed = in_shell(line[line.index("songmake render") :])
        assert inside(shop, *typed, *TAIL).code == 0
    assert [path.suffix for path in empty.rglob("*") if path.is_file()] == [".mp3"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("plan", "-s", "lantern#9"), "album/lantern has takes #1 to #3"),
        (("adopt", "one#2", "--file", "manifests/album.yaml"), "album/one has one take: #1"),
        (("render", "--jobs", "0"), "0 is not in the range 1<=x<=10000\n"),
        (
            ("render", "--jobs"),
            "option '--jobs' requires an argument\nhint: songmake render --help",
        ),
        (("render", "--dryrun"), "no such option '--dryrun'; did you mean '--dry-run'?\n"),
        (("adopt", "one", "--file", "x.mp3"), "file 'x.mp3' does not exist\n"),
    ],
)
def test_a_slip_is_answered_with_what_is_there(shop: Songmake, words: tuple[str, ...], said: str):
    write_manifest(shop.project, {"lantern": song(takes=3), "one": song(prompt="slow waltz, 60")})
    ended = inside(shop, *words)
    assert ended.code == 2
    assert said in ended.err
    message = ended.err.splitlines()[0].removeprefix("error: ")
    assert message[0] == message[0].lower()
    assert not message.endswith(".")


@pytest.mark.parametrize("is_on_path", [False, True])
def test_hints_start_the_program_as_it_can_be_started_here(tmp_path: Path, is_on_path: bool):
    program = tmp_path / ".venv" / "bin" / "songmake"
    program.parent.mkdir(parents=True)
    start = f"#!{sys.executable}\nfrom pipeline.cli.main import main\nmain()\n"
    program.write_text(start, encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:/usr/bin:/bin" if is_on_path else "/usr/bin:/bin"
    environment = {"PATH": path, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    ended = subprocess.run(
        [".venv/bin/songmake", "pick", "coda", "--dry-run"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    name = "songmake" if is_on_path else ".venv/bin/songmake"
    assert f"hint: say which: {name} pick 'coda#2'" in ended.stderr


def test_a_run_of_some_songs_goes_on_with_them_alone(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2))
    ended = inside(shop, "render", "--yes", "--no-wait", "-s", "song-1*", *TAIL)
    assert ended.code == 6, ended.said
    again = printed(ended, "songmake render")
    assert again == ["render", "--select", "song-1*"]
    assert inside(shop, *again, *TAIL).code == 0
    assert len(vendor.ledger().accepted) == 1
