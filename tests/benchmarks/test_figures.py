"""The harness of ``make bench``: its arithmetic, its table, and that no row takes others along."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.bench import Bench
from benchmarks.measuring import CommandFailed, paired, quartiles, run, tenfold
from benchmarks.outcome import Outcome, Verdict
from benchmarks.page import PAGE, page_with, pictures
from benchmarks.peers import Peers
from benchmarks.plots.goals import place_of
from benchmarks.results import LATEST, from_json, to_json
from benchmarks.row import Measured, Row
from benchmarks.rows import all_rows
from benchmarks.running import outcomes
from benchmarks.table import WIDTH, figure, table


def measured(ratio: float, *, rounds: int = 5) -> Measured:
    return Measured(
        ratio=ratio,
        low=ratio * 0.9,
        high=ratio * 1.2,
        ours=ratio * 8.3,
        theirs=8.3,
        unit="s/GB",
        rounds=rounds,
    )


def row(*, at_most: float = 1.5, reach_for: float = 1.2, measure=None, **about) -> Row:
    wished = {"number": 3, "work": "nothing to do", "measure": measure or (lambda _: measured(1.0))}
    return Row(at_most=at_most, reach_for=reach_for, **(wished | about))


def outcome(ratio: float, **about) -> Outcome:
    return Outcome(row=row(**about), measured=measured(ratio))


def bench_in(folder: Path) -> Bench:
    here = Path(sys.executable)
    return Bench(
        rounds=1,
        is_quick=True,
        scratch=folder,
        kept=folder,
        songmake=here,
        python=here,
        peers=Peers(bin=folder),
    )


def test_ratios_are_taken_pair_by_pair_and_the_first_round_does_not_count():
    asked: list[str] = []
    own, peer = iter([100.0, 1.0, 20.0, 3.0]), iter([1.0, 2.0, 10.0, 1.0])

    def each(name: str, figures: Iterator[float]) -> float:
        asked.append(name)
        return next(figures)

    found = paired(lambda: each("own", own), lambda: each("peer", peer), rounds=3, unit="ms")

    assert (found.low, found.ratio, found.high) == (1.25, 2.0, 2.5)  # of 0.5, 2 and 3
    assert (found.ours, found.theirs, found.rounds) == (3.0, 2.0, 3)
    assert asked[2:] == ["own", "peer", "peer", "own", "own", "peer"]


def test_one_round_is_its_own_median_and_quartiles():
    assert quartiles([4.0]) == (4.0, 4.0, 4.0)


@pytest.mark.parametrize(("power", "factor"), [(0.0, 1.0), (1.0, 10.0), (0.5, 10**0.5)])
def test_a_slope_says_what_ten_times_the_songs_do_to_one(power: float, factor: float):
    costs = [(songs, 7 * songs**power) for songs in (100, 1000, 10_000)]

    assert tenfold(costs) == pytest.approx(factor)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1234.5, "1234"),
        (123_456, "123k"),
        (12.345, "12.3"),
        (1.0, "1"),
        (0.0123456, "0.0123"),
        (-2.5, "-2.5"),
    ],
)
def test_figures_have_three_digits_and_no_exponent(value: float, text: str):
    assert figure(value) == text


@pytest.mark.parametrize(
    ("ratio", "is_at_least", "verdict"),
    [
        (1.2, False, Verdict.REACHED),
        (1.5, False, Verdict.MET),
        (1.6, False, Verdict.MISSED),
        (1.6, True, Verdict.REACHED),
        (1.4, True, Verdict.MISSED),
    ],
)
def test_a_goal_is_met_from_its_own_side(ratio: float, is_at_least: bool, verdict: Verdict):
    assert (
        outcome(ratio, is_at_least=is_at_least, reach_for=1.6 if is_at_least else 1.2).verdict
        is verdict
    )


def test_better_is_left_of_the_goal_on_the_picture_whichever_way_it_counts():
    assert place_of(row(at_most=2.0), 1.0) == 0.5
    assert place_of(row(at_most=5.0, is_at_least=True), 10.0) == 0.5


def test_the_table_fits_into_a_hundred_columns_whatever_it_has_to_say():
    long = "ten thousand songs of which not a single one has anything to do, " * 3
    shown = table(
        [
            outcome(0.0123456),
            outcome(98.7, work=long, reason=long),
            outcome(12_345.6, work="x" * 200),
            Outcome(row=row(work=long), error=f"CommandFailed: {long}{'y' * 300}"),
        ]
    )

    assert max(len(line) for line in shown.splitlines()) <= WIDTH
    assert "0.0123 (0.011–0.015)" in shown
    assert long.split(", ")[0] in " ".join(shown.split())


def test_a_row_that_raises_is_shown_as_failed_and_the_next_one_is_measured(capsys):
    def fail(bench: Bench) -> Measured:
        return measured(float(str(bench.peers.doit)))

    rows = [row(work="that fails", measure=fail), row(work="that works")]

    found = list(outcomes(rows, bench_in))

    assert [one.verdict for one in found] == [Verdict.FAILED, Verdict.REACHED]
    assert "hint: make bench" in found[0].error
    assert "hint: make bench" in " ".join(table(found).split())


def test_what_was_measured_before_an_interrupt_is_kept():
    def interrupt(bench: Bench) -> Measured:
        raise KeyboardInterrupt

    found: list[Outcome] = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(outcomes([row(measure=interrupt)], bench_in))
    for one in outcomes([row()], bench_in):
        found.append(one)

    assert [one.verdict for one in found] == [Verdict.REACHED]


def test_a_child_has_its_own_peak_and_not_the_one_of_who_measures_it(tmp_path: Path):
    ballast = bytearray(b"\x01") * (256 << 20)

    used = run([sys.executable, "-c", "pass"], cwd=tmp_path, env={})

    assert 1 << 20 < used.peak_bytes < len(ballast) // 2
    assert used.cpu_s > 0


def test_a_command_that_ends_otherwise_than_it_has_to_is_no_figure(tmp_path: Path):
    words = [sys.executable, "-c", "import sys; sys.exit('nothing here')"]

    with pytest.raises(CommandFailed, match="ended with 1: nothing here"):
        run(words, cwd=tmp_path, env={})

    run(words, cwd=tmp_path, env={}, exits=(1,))


def test_results_are_read_as_they_were_written():
    told = [outcome(1.4, reason="why"), Outcome(row=row(), error="no peer")]

    again = from_json(to_json(told, is_quick=True))

    assert table(again.outcomes) == table(told)
    assert again.is_quick


def test_the_page_and_its_pictures_show_the_committed_results():
    run_shown = from_json(LATEST.read_text(encoding="utf-8"))
    page = PAGE.read_text(encoding="utf-8")

    assert not run_shown.is_quick
    assert page_with(run_shown, page) == page, "python -m benchmarks.page brings it in step"
    for name, drawn in pictures(run_shown).items():
        assert (LATEST.parent / name).read_text(encoding="utf-8") == drawn


def test_every_row_is_loaded_and_says_what_it_compares():
    rows = all_rows()

    assert len({(each.number, each.work) for each in rows}) == len(rows)
    assert all(each.work for each in rows)
    for each in rows:
        assert (
            (each.reach_for >= each.at_most)
            if each.is_at_least
            else (each.reach_for <= each.at_most)
        )


def test_each_promise_about_speed_and_scale_has_a_row():
    assert {each.number for each in all_rows()} == set(range(1, 17))


def test_a_row_that_is_none_is_refused_and_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr("sys.argv", ["make bench", "--row", "99", "--kept", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert not list(tmp_path.iterdir())
