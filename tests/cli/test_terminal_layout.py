"""``plan`` and ``status`` in a terminal's columns, with few songs and many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from pipeline.core.findings.columns import width_of
from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.takes import WantedTake
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import at_terminal, inside, printed
from tests.cli.shelves import known
from tests.command import Songmake

LONG = "a" * 30 + "-" + "b" * 33  # the longest id that there may be
ODD = (
    "refused \x1b[31mred\x1b[0m \u202e世界の歌 שיר 👩‍👩‍👧 "
    + "because the words do not suit it " * 4
)


def in_columns(shop: Songmake, columns: int) -> Songmake:
    return replace(shop, environment={**shop.environment, "COLUMNS": str(columns)})


def fits(text: str, columns: int) -> bool:
    """Whether no line is wider, but a command or request id, which stays whole to be copied."""
    whole = re.compile(r"^ +(next: songmake |in the provider's log it is )")
    lines = [line for line in text.splitlines() if not whole.match(line)]
    return max(map(width_of, lines)) <= columns


def of(*states: State | None) -> object:
    return lambda place, take: states[place % len(states)]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Songmake:
    """Two albums of 302 songs, long ids among them, in every state; 30 songs were removed."""
    project = tmp_path_factory.mktemp("crowd")
    (project / ".git").mkdir()
    many = songs(300)
    many[LONG] = song(prompt="warm indie folk, 60 BPM", takes=11)
    write_manifest(project, many, name="big", budget_usd=100)
    write_manifest(project, {LONG: song(prompt="a slow waltz")}, name=LONG, album={"title": "L"})
    urgent = {7: State.IN_DOUBT, 90: State.FAILED, 200: State.LOST, 290: State.REJECTED}

    def state_of(place: int, take: WantedTake) -> State | None:
        if take.ref.album == LONG:
            return State.IN_DOUBT
        quiet = (State.PUBLISHED, State.STORED, State.SUBMITTED, None)
        return urgent.get(place, quiet[place % 4])

    known(project, state_of, error=ODD, removed=30)
    return Songmake(project=project, environment={})


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        (("status",), 60),
        (("status",), 120),
        (("status", "--all"), 80),
        (("plan",), 60),
        (("plan",), 120),
        (("plan", "--all"), 80),
    ],
)
def test_no_line_of_a_crowded_album_is_wider_than_the_terminal(
    crowd: Songmake, words: tuple[str, ...], columns: int
):
    ended = inside(in_columns(crowd, columns), *words)
    assert ended.code == 0, ended.err
    assert fits(ended.out, columns), ended.out
    assert "\x1b" not in ended.out
    assert "\u202e" not in ended.out


def whole(names: Iterable[str], text: str) -> set[str]:
    """Names that are to be read in the text, though a line may end in them."""
    flat = "".join(text.split())
    return {name for name in names if name in flat}


@pytest.mark.parametrize("command", ["plan", "status"])
def test_all_names_every_take(crowd: Songmake, command: str):
    rows = printed(inside(crowd, command, "--json"), command)["takes"]
    names = {f"{row['song']}#{row['take']}" for row in rows}
    assert len(names) > 300
    assert whole(names, inside(in_columns(crowd, 60), command, "--all").out) == names


def test_what_a_person_must_do_comes_first_and_nothing_of_it_is_folded(crowd: Songmake):
    lines = inside(crowd, "status").out.splitlines()
    assert len(lines) < 60
    shown = [re.match(r" +(?:\S+ +)?([a-z_]+)\b", line) for line in lines]
    states = [found[1] for found in shown if found and found[1] in set(State)]
    assert states[:2] == ["in_doubt", "in_doubt"]  # of one album and of the other
    assert states[2:5] == ["lost", "failed", "rejected"]
    out = "\n".join(lines)
    assert whole({"song-7#1", "song-90#1", "song-200#1", "song-290#1"}, out) == {
        "song-7#1", "song-90#1", "song-200#1", "song-290#1"
    }  # fmt: skip
    assert f"next: songmake settle '{LONG}/{LONG}#1' --generation ID" in out
    assert "next: songmake render --replace 'big/song-90#1'" in out


def test_many_quiet_takes_and_history_are_counted_with_the_flag_that_lists_them(crowd: Songmake):
    lines = inside(crowd, "status").out.splitlines()
    folded = [line for line in lines if re.match(r"^ +\d+ (takes|earlier attempts) ", line)]
    stands = [line.partition("  $")[0].split()[-1] for line in folded]
    assert [stand.removesuffix("–") for stand in stands][-1] == "history"
    assert {line.split()[2] for line in folded[:-1]} == {
        "submitted", "stored", "published", "planned"
    }  # fmt: skip
    assert any("their files are not there" in line for line in lines)
    assert "30 earlier attempts" in folded[-1]
    assert "removed-1#1" not in "\n".join(lines)
    assert "removed-1#1" in inside(crowd, "status", "--all").out


def test_a_plan_counts_what_is_free_and_lists_what_costs_or_is_stuck(crowd: Songmake):
    out = inside(crowd, "plan").out
    document = printed(inside(crowd, "plan", "--json"), "plan")
    rows = [row for row in document["takes"] if row["action"] in ("buy", "stuck", "look_up")]
    assert whole({f"{row['song']}#{row['take']}" for row in rows}, out) == {
        f"{row['song']}#{row['take']}" for row in rows
    }
    collected = document["totals"]["collect"]
    assert sum(line.strip().startswith("collect") for line in out.splitlines()) <= 3
    assert f"{collected} collect" in out.replace("\n", " ")
    assert out.count("next: songmake render --replace") == document["totals"]["stuck"]


def test_the_columns_of_a_small_album_line_up(shop: Songmake):
    write_manifest(shop.project, {"one": song(), "a-longer-name": song(prompt="slow waltz, 3/4")})
    lines = inside(shop, "plan").out.splitlines()
    assert lines[:2] == [
        "buy  one#1            $0.195  new",
        "buy  a-longer-name#1  $0.195  new",
    ]
    assert inside(shop, "status").out.splitlines()[:2] == [
        "one#1            planned  –",
        "a-longer-name#1  planned  –",
    ]


def test_a_long_reason_goes_on_below_itself(shop: Songmake):
    write_manifest(shop.project, songs(2))
    known(shop.project, of(State.REJECTED), error="word " * 40)  # type: ignore[arg-type]
    lines = inside(shop, "plan").out.splitlines()
    at = lines[0].index("rejected: word")
    assert lines[1].startswith(" " * at + "word")
    assert fits("\n".join(lines), 80)


def test_a_take_whose_file_was_deleted_says_so_and_what_brings_it_back(bought: Songmake):
    (bought.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    rows = printed(inside(bought, "status", "--json"), "status")["takes"]
    assert [row["has_file"] for row in rows] == [False, True, True]
    assert [row["next"] for row in rows] == ["songmake render", None, None]
    lines = inside(bought, "status").out.splitlines()
    at = next(place for place, line in enumerate(lines) if "its file is not there" in line)
    assert lines[at].startswith("song-1#1 ")
    below = [line.strip() for line in lines[at + 1 : at + 5]]
    assert "next: songmake render" in below
    assert "3 takes: 3 published (1 without a file)" in lines


def test_a_budget_is_told_with_what_is_left_of_it(shop: Songmake):
    write_manifest(shop.project, songs(3), budget_usd=1)
    known(shop.project, of(State.PUBLISHED, None, None))  # type: ignore[arg-type]
    left = "album: $0.195 of $1.00 budget used"
    assert f"{left}, $0.39 more planned, $0.415 left" in inside(shop, "plan").out
    assert f"{left}, $0.805 left" in inside(shop, "status").out
    assert "budget" not in inside(shop, "plan", "--max-cost", "5").out.partition("album:")[0]


def test_the_width_is_the_terminals(shop: Songmake):
    write_manifest(shop.project, {LONG: song(), "b" + LONG[1:]: song(prompt="slow waltz")})
    code, seen = at_terminal(shop, ("plan", "--color=never"))  # 100 columns
    assert code == 0
    first = seen.splitlines()[0]
    assert first.startswith(f"buy  {LONG}#1")
    assert first.endswith("new")  # in 80 columns the reason has a line of its own
    assert not inside(shop, "plan").out.splitlines()[0].endswith("new")


def test_files_that_belong_to_no_take_are_named_and_then_counted(shop: Songmake):
    write_manifest(shop.project, songs(4))
    assert shop.render().code == 0
    write_manifest(shop.project, songs(4), album={"title": "Another"})
    page = " ".join(inside(shop, "plan").out.split())
    assert re.search(r"publish \d+ files – .* and \d+ more \(--all lists them\)", page)
    assert "album/index.html" not in page
    assert "album/index.html" in inside(shop, "plan", "--all").out
