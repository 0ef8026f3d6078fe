import json
import os
import subprocess
from dataclasses import replace

import pytest

from pipeline.cli.main import COMMANDS
from tests.builders import songs, write_manifest
from tests.cli.seeing import ESCAPE, at_terminal, files, inside, printed
from tests.command import Songmake
from tests.vendor.client import Vendor


def with_environment(shop: Songmake, **variables: str) -> Songmake:
    return replace(shop, environment={**shop.environment, **variables})


def test_the_schema_of_a_manifest_is_printed_whole(shop: Songmake):
    ended = shop("schema")
    assert ended.code == 0, ended.err
    document = json.loads(ended.out)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "songs" in document["properties"]


@pytest.mark.parametrize(
    ("typed", "meant"), [("rendr", "render"), ("Plan", "plan"), ("stauts", "status")]
)
def test_an_unknown_command_gets_a_suggestion(shop: Songmake, typed: str, meant: str):
    ended = inside(shop, typed)
    assert ended.code == 2
    assert f"no such command '{typed}'; did you mean '{meant}'?" in ended.err
    assert ended.out == ""


@pytest.mark.parametrize("words", [(), ("sketch",)])
def test_without_a_command_the_help_is_shown_and_nothing_is_called_wrong(
    shop: Songmake, words: tuple[str, ...]
):
    ended = inside(shop, *words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: songmake")
    assert "hint:" not in ended.err


def test_a_command_that_is_like_none_is_an_error_all_the_same(shop: Songmake):
    ended = inside(shop, "xyzzy")
    assert ended.code == 2
    assert "xyzzy" in ended.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(shop: Songmake, command: str):
    ended = inside(shop, command, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: songmake {command}")


def test_help_names_every_command_and_the_version_is_a_word(shop: Songmake):
    shown = inside(shop, "--help").out
    assert all(command in shown for command in COMMANDS)
    assert inside(shop, "--version").out.startswith("songmake, version ")


@pytest.mark.parametrize(
    "words",
    [
        ("render", "--jobs", "0"),
        ("render", "--max-cost", "-1"),
        ("render", "--max-cost", "NaN"),
        ("render", "--max-cost", "lots"),
        ("render", "--poll-interval", "0"),
        ("render", "--poll-timeout", "inf"),
        ("render", "--max-duration", "nan"),
        ("render", "--provider", "else"),
        ("render", "--progress", "loud"),
        ("render", "--unknown"),
        ("settle", "coda#1"),
        ("settle", "coda#1", "--charged", "--not-charged"),
    ],
)
def test_a_flag_that_cannot_be_is_an_error_and_sends_nothing(
    shop: Songmake, vendor: Vendor, words: tuple[str, ...]
):
    write_manifest(shop.project)
    ended = inside(shop, *words)
    assert ended.code == 2, ended.said
    assert ended.err.startswith("error: ")
    assert "hint: " in ended.err
    assert vendor.ledger().requests == ()
    assert not (shop.project / ".songmake").exists()


def test_results_go_to_standard_output_and_all_else_to_standard_error(shop: Songmake):
    write_manifest(shop.project, songs(1))
    ended = shop.render()
    assert ended.code == 0
    *said, listen = ended.out.splitlines()
    assert listen.startswith("listen: file:///")
    assert said == [
        "1 of 1 takes published (1 new)",
        "this run: $0.195 charged",
        "outputs/album/ · $0.195 charged so far",
        "needs an ear: song-1#1; songmake status says why",
    ]
    assert "album/song-1#1 submitted as " in ended.err
    assert "album/song-1#1 published $0.195" in ended.err
    assert ESCAPE not in ended.said


def test_quiet_says_only_what_a_person_must_know(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    assert shop.render("--quiet").said == ""
    vendor.fault("poll", "error_status")
    write_manifest(shop.project, songs(2))
    ended = shop.render("-q")
    assert ended.code == 1
    assert ended.out == ""
    assert ended.err == (
        "a song failed (exit 1)\n"
        "hint: to see why: songmake status\n"
        "hint: to buy again: songmake render --replace state:failed\n"
    )


def test_every_flag_of_render_has_its_variable(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(3))
    told = with_environment(
        shop,
        SONGMAKE_YES="1",
        SONGMAKE_POLL_INTERVAL="0.05",
        SONGMAKE_SELECT="song-1 song-2",
        SONGMAKE_MAX_COST="0.2",
        SONGMAKE_JOBS="1",
        SONGMAKE_STATE="state",
        SONGMAKE_OUTPUT="music",
        SONGMAKE_QUIET="1",
        SONGMAKE_NO_WAIT="1",
    )
    ended = told("render")
    assert ended.code == 5, ended.said
    assert ended.out == ""
    assert len(vendor.ledger().accepted) == 1
    assert (shop.project / "state" / "journal.sqlite3").exists()
    assert (shop.project / "music" / "album" / "cost-report.json").exists()
    assert not (shop.project / ".songmake").exists()
    assert not (shop.project / "outputs").exists()


def test_a_variable_gives_way_to_the_flag(shop: Songmake):
    write_manifest(shop.project, songs(2))
    told = with_environment(shop, SONGMAKE_SELECT="song-1", SONGMAKE_JSON="1")
    planned = printed(inside(told, "plan", "--select", "song-2"), "plan")
    assert [row["song"] for row in planned["takes"]] == ["song-2"]


def test_a_variable_that_cannot_be_is_an_error(shop: Songmake):
    write_manifest(shop.project)
    ended = inside(with_environment(shop, SONGMAKE_MAX_COST="lots"), "render")
    assert ended.code == 2
    assert "'lots' is not a sum of money" in ended.err


def test_a_terminal_has_colours_unless_they_are_not_wanted(shop: Songmake):
    coloured = with_environment(shop, TERM="xterm-256color")
    code, shown = at_terminal(coloured, ("plan", "nowhere.yaml"))
    assert code == 2
    assert ESCAPE in shown
    plain = with_environment(coloured, NO_COLOR="1")
    code, shown = at_terminal(plain, ("plan", "nowhere.yaml"))
    assert code == 2
    assert "error:" in shown
    assert ESCAPE not in shown
    assert ESCAPE not in coloured("plan", "nowhere.yaml").err


@pytest.mark.parametrize("words", [("plan",), ("status",), ("plan", "--json"), ("schema",)])
def test_a_reader_that_leaves_early_is_no_bug(shop: Songmake, words: tuple[str, ...]):
    write_manifest(shop.project, songs(400))
    process = shop.start(*words, bufsize=0)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(1)
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in (0, 1)
    assert said == ""


def test_a_run_whose_reader_leaves_still_collects_what_is_paid(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2))
    process = shop.start(
        "render", "--yes", "--json", "--poll-interval", "0.05", stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.wait(30)
    assert set(shop.states().values()) == {"published"}
    assert len(vendor.ledger().accepted) == 2


def test_neither_key_nor_signed_link_is_in_any_file_or_word(shop: Songmake, vendor: Vendor):
    vendor.fault("cdn", "expire_link")
    vendor.fault("post", "403", match="82 BPM", message=f"bad key {vendor.key}")
    write_manifest(shop.project, songs(2))
    ended = shop.render("--jobs", "1")
    everything = b"".join(files(shop.project).values()) + ended.said.encode()
    assert vendor.key.encode() not in everything
    assert b"Signature=" not in everything
    assert b"Expires=" not in everything


@pytest.mark.parametrize("closed", [(1,), (2,), (0, 1, 2)])
def test_a_run_without_standard_streams_is_a_run_like_any_other(
    shop: Songmake, vendor: Vendor, closed: tuple[int, ...]
):
    write_manifest(shop.project, songs(1))

    def close() -> None:
        for descriptor in closed:
            os.close(descriptor)

    ended = shop.render(preexec_fn=close)

    assert ended.code == 0, ended.said
    assert shop.states() == {"song-1#1": "published"}
    assert len(vendor.ledger().of("post")) == 1
