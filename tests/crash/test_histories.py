"""Any sequence of runs, kills, lost answers and edits: no digest is bought twice."""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipeline.errors import ExitCode
from pipeline.runner.clock import Clock
from pipeline.runner.ledger.settling import Settlement, Word, settle
from tests.builders import song
from tests.crash.scene import Scene, published
from tests.vendor.client import Vendor

SONGS = ("amber", "blue", "coral")
FINISHED = (ExitCode.OK, ExitCode.IN_DOUBT)
chosen_song = st.sampled_from(SONGS)


class History(RuleBasedStateMachine):
    """A producer's days. Songs of one lyric ask for the very same thing and share a purchase."""

    def __init__(self) -> None:
        super().__init__()
        self.vendor = Vendor(seconds=0.1, audio_seconds=0.2).start()
        project = Path(tempfile.mkdtemp(prefix="history-"))
        (project / ".git").mkdir()
        self.scene = Scene(project=project, vendor=self.vendor)
        self.order = list(SONGS)
        self.wishes = {
            name: {"lyric": index, "takes": 1, "revision": 0, "title": name}
            for index, name in enumerate(SONGS)
        }
        self.wanted: defaultdict[int, set[tuple[int, int]]] = defaultdict(set)

    def teardown(self) -> None:
        try:
            self.come_to_an_end()
        finally:
            self.scene.end_all()
            self.vendor.stop()
            shutil.rmtree(self.scene.project)

    def write(self) -> None:
        """The manifest as it is wished for now; what it may buy is remembered."""
        songs = {}
        for name in self.order:
            wish = self.wishes[name]
            songs[name] = song(
                wish["title"],
                lyrics=lyric(wish["lyric"]),
                takes=wish["takes"],
                revision=wish["revision"],
            )
            for take in range(1, wish["takes"] + 1):
                self.wanted[wish["lyric"]].add((wish["revision"], take))
        self.scene.manifest(songs)

    @rule()
    def run(self) -> None:
        self.write()
        self.scene.let_time_pass()
        assert self.scene.render_here() in FINISHED

    @rule(seed=st.integers(0, 2**16), jobs=st.sampled_from(("1", "8")))
    def run_and_kill(self, seed: int, jobs: str) -> None:
        self.write()
        self.scene.let_time_pass()
        chance = Random(seed)
        self.vendor.set(answer_latency_s=chance.choice((0.0, 0.1)))
        self.scene.kill_at_random(chance, "-j", jobs)
        self.vendor.set(answer_latency_s=0.0)

    @rule(
        kind=st.sampled_from(
            ("accept_then_reset", "accept_then_500", "accept_then_html200", "accept_then_no_id")
        ),
        times=st.integers(1, 2),
    )
    def run_and_lose_answers(self, kind: str, times: int) -> None:
        self.write()
        self.scene.let_time_pass()
        self.vendor.fault("post", kind, times=times)
        assert self.scene.render_here() in FINISHED
        self.vendor.clear_faults()

    @rule()
    def run_and_lose_a_request(self) -> None:
        self.write()
        self.scene.let_time_pass()
        self.vendor.fault("post", "reset_after_read")
        self.scene.render_here(is_waiting=False)
        self.vendor.clear_faults()

    @rule(seconds=st.sampled_from((0.0, 0.05)))
    def run_without_waiting(self, seconds: float) -> None:
        self.write()
        self.scene.let_time_pass()
        self.scene.render_here(is_waiting=False, max_duration_s=seconds or None)

    @rule(name=chosen_song, lyric=st.integers(0, 3))
    def edit_or_revert_a_lyric(self, name: str, lyric: int) -> None:
        self.wishes[name]["lyric"] = lyric

    @rule(name=chosen_song, title=st.sampled_from(("Night bus", "No", "00:30")))
    def retitle(self, name: str, title: str) -> None:
        self.wishes[name]["title"] = title

    @rule(name=chosen_song, takes=st.integers(1, 3))
    def want_more_or_fewer_takes(self, name: str, takes: int) -> None:
        self.wishes[name]["takes"] = takes

    @rule(name=chosen_song, revision=st.integers(0, 2))
    def raise_or_lower_the_revision(self, name: str, revision: int) -> None:
        self.wishes[name]["revision"] = revision

    @rule(seed=st.integers(0, 5))
    def reorder(self, seed: int) -> None:
        Random(seed).shuffle(self.order)

    @precondition(lambda self: len(self.order) > 1)
    @rule(place=st.integers(0, 2))
    def remove_a_song(self, place: int) -> None:
        del self.order[place % len(self.order)]

    @rule(name=chosen_song)
    def bring_a_song_back(self, name: str) -> None:
        if name not in self.order:
            self.order.append(name)

    @rule()
    def delete_the_outputs(self) -> None:
        shutil.rmtree(self.scene.outputs, ignore_errors=True)

    @rule()
    def settle_what_never_arrived(self) -> None:
        arrived = {one.client_request_id for one in self.scene.ledger.accepted}
        for row in self.scene.attempts():
            crid = row["client_request_id"]
            if row["state"] in ("intent", "in_doubt") and crid not in arrived:
                settlement = Settlement(name=crid, word=Word.NOT_CHARGED)
                state_dir = self.scene.project / ".songmake"
                settle(settlement, state_dir=state_dir, access=None, clock=Clock())

    @invariant()
    def nothing_is_bought_twice(self) -> None:
        self.scene.assert_nothing_was_bought_twice()
        bought: defaultdict[str, int] = defaultdict(int)
        for one in self.scene.ledger.accepted:
            bought[one.body["lyrics"]] += 1
        for number, performances in self.wanted.items():
            assert bought.pop(lyric(number), 0) <= len(performances)
        assert not bought, "what nobody wanted was bought"

    def come_to_an_end(self) -> None:
        """The last run gets everything but what never arrived, and one more has nothing to do."""
        self.run()
        self.settle_what_never_arrived()
        assert self.scene.render_here() == ExitCode.OK
        self.nothing_is_bought_twice()
        before, requests = published(self.scene.outputs), len(self.scene.ledger.requests)
        assert self.scene.render_here() == ExitCode.OK
        assert len(self.scene.ledger.requests) == requests
        assert published(self.scene.outputs) == before


def lyric(number: int) -> str:
    return f"[Verse]\nStreetlights flicker, and the bus is number {number}"


def live_through(*, examples: int, steps: int, is_random: bool) -> None:
    wishes = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=not is_random,
        database=None,
        deadline=None,
        phases=(Phase.generate,),  # a history takes seconds: shrinking one would take hours
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(History, settings=wishes)


def test_no_short_history_buys_a_digest_twice() -> None:
    live_through(examples=5, steps=12, is_random=False)


@pytest.mark.torture
def test_no_long_history_buys_a_digest_twice() -> None:
    live_through(examples=60, steps=40, is_random=True)
