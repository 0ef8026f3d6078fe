"""``render --json``: every line is an event, and the last one says how the run ended."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import termios
import time
from typing import Any

from tests.builders import songs, write_manifest
from tests.cli.seeing import events, inside, summary, valid
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor

JSON = ("render", "--yes", "--json", "--poll-interval", "0.05")
NOTHING = "0.000000"


def until(running: subprocess.Popen[str], event: str, **fields: Any) -> list[dict[str, Any]]:
    """The events up to the first one like this."""
    assert running.stdout is not None
    told = []
    for line in running.stdout:
        told.append(valid(json.loads(line), "event"))
        if told[-1]["event"] == event and fields.items() <= told[-1].items():
            return told
    raise AssertionError(f"never told: {event} {fields}")


def rest(running: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """The events that are still to come, and the end."""
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err, err
    return events(Ended(code=running.returncode, out=out, err=err))


def is_last(told: list[dict[str, Any]]) -> dict[str, Any]:
    """``run_ended``, which is the last line and the only one of its kind."""
    assert [one["event"] for one in told].count("run_ended") == 1
    assert told[-1]["event"] == "run_ended"
    return told[-1]


def test_a_bar_can_be_drawn_from_the_events_of_a_run_that_its_budget_stops(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(1), budget_usd=0.6)
    assert shop.render("--quiet").code == 0
    write_manifest(shop.project, songs(4), budget_usd=0.6)
    told = events(shop.render("--json", "--max-cost", "2", "--jobs", "1"))
    first, last = told[0], is_last(told)
    assert first["plan"]["buy"] == 3
    assert (first["price_usd"], first["limit_usd"]) == ("0.390000", "2.000000")
    assert first["albums"] == [{"album": "album", "budget_usd": "0.600000"}]
    changes = [one for one in told if one["event"] == "take_changed"]
    counts = [one["run"]["settled"] for one in (first, *changes)]
    assert counts == sorted(counts)
    assert (counts[-1], changes[-1]["run"]["total"]) == (4, 4)
    bought = [one for one in changes if one["is_bought_now"]]
    assert {one["client_request_id"] for one in bought} == {
        one.client_request_id for one in vendor.ledger().of("post")[1:]
    }
    assert bought[0]["run"]["this_run"]["held_usd"] == "0.195000"
    assert changes[-1]["run"]["this_run"]["charged_usd"] == "0.390000"
    assert changes[-1]["run"]["lifetime"]["charged_usd"] == "0.585000"
    (unbought,) = [one for one in changes if one["state"] == "planned"]
    assert (unbought["is_settled"], unbought["cost_usd"]) == (True, None)
    assert "no room" in unbought["note"]
    (warned,) = [one for one in told if one["event"] == "warned"]
    assert warned["exit_code"] == last["exit_code"] == 5
    assert last["reason"] == summary(shop)["reason"] == "the budget stopped buying"
    assert "songmake plan" in last["next"]
    assert last["totals"]["states"] == {"published": 3, "planned": 1}
    assert last["totals"]["new"] == 2
    assert last["this_run"]["charged_usd"] == "0.390000"
    (album,) = last["albums"]
    assert (album["charged_usd"], album["budget_usd"]) == ("0.585000", "0.600000")
    assert album["folder"] == "outputs/album/"
    assert last["page"] is None or last["page"].endswith("/outputs/album/index.html")


def test_an_interrupted_run_says_what_it_left_and_the_next_one_what_it_expects(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(3))
    assert shop.render("--quiet").code == 0
    vendor.set(seconds=300.0)
    write_manifest(shop.project, songs(4))
    running = shop.start(*JSON)
    before = until(running, "take_changed", state="submitted")
    assert before[-1]["expected_rest_s"] == before[-1]["run"]["expected_rest_s"]
    assert 0 <= before[-1]["expected_rest_s"] < 60
    running.send_signal(signal.SIGINT)
    last = is_last([*before, *rest(running)])
    assert (running.returncode, last["exit_code"]) == (130, 130)
    assert last["totals"]["states"] == {"published": 3, "submitted": 1}
    assert last["this_run"]["held_usd"] == "0.195000"
    again = events(shop.render("--json", "--max-duration", "0.5"))
    collected = next(one for one in again if one["event"] == "take_changed" and one["is_settled"]
                     is False)  # fmt: skip
    assert (collected["state"], collected["is_bought_now"]) == ("submitted", False)
    assert collected["submitted_at"] == before[-1]["submitted_at"]
    last = is_last(again)
    assert last["exit_code"] == 6
    assert "--max-duration" in last["reason"]
    assert last["this_run"]["held_usd"] == NOTHING
    assert last["albums"][0]["held_usd"] == "0.195000"


def test_a_run_that_a_second_signal_ends_has_its_last_line_all_the_same(
    shop: Songmake, vendor: Vendor
):
    vendor.set(answer_latency_s=25.0)
    write_manifest(shop.project, songs(1))
    running = shop.start(*JSON)
    before = until(running, "take_changed", state="intent")
    running.send_signal(signal.SIGTERM)
    before += until(running, "warned")
    assert "waiting for the answers" in before[-1]["message"]
    running.send_signal(signal.SIGTERM)
    last = is_last([*before, *rest(running)])
    assert (running.returncode, last["exit_code"]) == (143, 143)
    assert (last["totals"], last["this_run"]["held_usd"]) == (None, "0.195000")
    assert last["next"] == "songmake render"


def test_a_render_that_does_not_begin_has_a_last_line_too(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, {"one": {"title": "no lyrics"}})
    broken = inside(shop, "render", "--json")
    write_manifest(shop.project, songs(1))
    unasked = inside(shop, "render", "--json")
    for ended, word in ((broken, "manifest"), (unasked, "this would spend $0.195")):
        told = events(ended)
        last = is_last(told)
        assert (ended.code, last["exit_code"]) == (2, 2)
        assert word in last["reason"]
        assert last["next"]
        assert last["totals"] is None
        assert "run_started" not in {one["event"] for one in told}
    assert vendor.ledger().of("post") == ()


def test_a_run_beside_another_one_says_in_its_only_line_that_it_is_locked_out(
    shop: Songmake, vendor: Vendor
):
    vendor.set(seconds=300.0)
    write_manifest(shop.project, songs(1))
    running = shop.start(*JSON)
    until(running, "take_changed", state="submitted")
    (only,) = events(inside(shop, *JSON))
    assert (only["event"], only["exit_code"]) == ("run_ended", 4)
    running.send_signal(signal.SIGINT)
    assert is_last(rest(running))["exit_code"] == 130


def test_a_second_signal_ends_a_run_whose_reader_has_stopped_reading(
    shop: Songmake, vendor: Vendor
):
    write_manifest(shop.project, songs(12))
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    running = shop.start(*JSON, stdout=theirs, stderr=subprocess.DEVNULL)
    try:
        os.write(theirs, bytes(4096 - held_up(ours)))  # no room is left
        for _ in range(2):
            running.send_signal(signal.SIGINT)
            time.sleep(0.2)
        assert running.wait(30) == 130
    finally:
        running.kill()
        os.close(ours)
        os.close(theirs)
    posts = [one.client_request_id.split(".")[1] for one in vendor.ledger().of("post")]
    assert len(posts) == len(set(posts))


def held_up(reading_end: int) -> int:
    """How many bytes wait in a pipe of 4 KiB once the writer waits for room."""
    before, end = -1, time.monotonic() + 30
    while time.monotonic() < end:
        waiting = int(struct.unpack("i", fcntl.ioctl(reading_end, termios.FIONREAD, bytes(4)))[0])
        if waiting == before and waiting > 2048:
            return waiting
        before = waiting
        time.sleep(0.5)
    raise AssertionError(f"only {before} bytes came")


def test_events_are_told_whatever_the_reader_can_spell(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "400", message="kein schönes Lied 🎵")
    write_manifest(shop.project, songs(1))
    speaking = {**shop.environment, "PYTHONIOENCODING": "latin-1"}
    told = events(Songmake(project=shop.project, environment=speaking)(*JSON))
    assert is_last(told)["exit_code"] == 1
    assert "kein schönes Lied 🎵" in json.dumps(told, ensure_ascii=False)
