import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.adapters.journal.opening import open_journal
from pipeline.core.lock.joining import Arrivals
from tests.adapters.journals import AT
from tests.builders import an_attempt, an_audio, song, songs, write_manifest
from tests.cli.seeing import again, at_terminal, cost, inside, summary, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor

QUICK = ("render", "--poll-interval", "0.05")


def only_asked(vendor: Vendor) -> bool:
    """Whether nothing but questions about account and catalogue came."""
    kinds = {one.kind for one in vendor.ledger().requests}
    return kinds == {"billing", "models", "deprecations"}


def without_key(shop: Songmake) -> Songmake:
    return replace(shop, environment={"AIMLAPI_BASE_URL": shop.environment["AIMLAPI_BASE_URL"]})


def test_off_a_terminal_nothing_is_bought_without_a_word(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2), budget_usd=10)
    ended = shop(*QUICK)
    assert ended.code == 2
    assert "this would spend $0.39, and there is no terminal to ask on" in ended.err
    typed = "songmake render --poll-interval 0.05"
    assert f"hint: to agree to it: {typed} --yes\n" in ended.err
    assert f"hint: or to spend so much at most: {typed} --max-cost 0.39\n" in ended.err
    assert vendor.ledger().requests == ()
    said = summary(shop)
    assert (said["exit_code"], said["totals"]["takes"]) == (2, 0)
    assert "no terminal to ask on" in said["reason"]


def test_a_cap_for_this_run_is_consent(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    assert shop(*QUICK, "--max-cost", "$0.20").code == 0
    assert len(vendor.ledger().accepted) == 1


def test_a_budget_is_consent_once_its_album_was_bought_from(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, songs(4), budget_usd=3)
    assert bought(*QUICK).code == 0
    assert len(vendor.ledger().accepted) == 1


def test_without_a_budget_every_purchase_needs_a_word(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, songs(4))
    assert inside(bought, *QUICK).code == 2
    assert vendor.ledger().requests == ()


def test_on_a_terminal_a_person_is_asked_and_may_decline(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2), budget_usd=3)
    code, shown = at_terminal(shop, QUICK, answers={"spend up to $0.39?": "n\n"})
    assert code == 2
    assert "song-2#1" in shown
    assert "declined: nothing was bought" in shown
    assert only_asked(vendor)
    assert summary(shop)["exit_code"] == 2


def test_on_a_terminal_yes_buys(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    code, shown = at_terminal(shop, QUICK, answers={"spend up to $0.195?": "y\n"})
    assert code == 0, shown
    assert len(vendor.ledger().accepted) == 1


def test_silence_at_the_question_is_no_consent(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    for silence in ("\n", "\x04"):  # an empty line; the end of input
        code, _ = at_terminal(shop, QUICK, answers={"spend up to": silence})
        assert code in (2, 130)
        assert only_asked(vendor)


def test_a_missing_key_is_an_error_if_something_must_be_sent(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    ended = again(without_key(shop))
    assert ended.code == 2
    assert "AIMLAPI_KEY is not set" in ended.err
    assert "--provider sketch" in ended.err
    assert vendor.ledger().requests == ()
    assert tracks(shop) == {}
    assert summary(shop)["exit_code"] == 2


def test_where_nothing_must_be_sent_no_key_is_needed(bought: Songmake, vendor: Vendor):
    keyless = without_key(bought)
    (bought.project / "outputs" / "album" / "01-song-1.mp3").unlink()
    assert again(keyless).code == 0
    assert "01-song-1.mp3" in tracks(bought)
    assert vendor.ledger().requests == ()


def test_plan_and_status_need_no_key(shop: Songmake):
    write_manifest(shop.project, songs(1))
    for command in ("plan", "status", "verify"):
        assert "AIMLAPI_KEY" not in inside(without_key(shop), command).said


@pytest.mark.parametrize("key", ["two words", "schlüssel", "line\nbreak"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(shop: Songmake, key: str):
    write_manifest(shop.project, songs(1))
    odd = replace(shop, environment={**shop.environment, "AIMLAPI_KEY": key})
    ended = inside(odd, "render", "--yes")
    assert ended.code == 2
    assert "AIMLAPI_KEY holds characters that no key has" in ended.err
    assert key not in ended.said


@pytest.mark.parametrize(
    "url",
    [
        "api.aimlapi.com",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://user:secret@127.0.0.1",
        "http://127.0.0.1:99999",
        "http://127.0.0.1?a=b",
        "http://",
    ],
)
def test_a_base_url_that_is_none_is_refused(shop: Songmake, vendor: Vendor, url: str):
    write_manifest(shop.project, songs(1))
    odd = replace(shop, environment={**shop.environment, "AIMLAPI_BASE_URL": url})
    ended = inside(odd, "render", "--yes")
    assert ended.code == 2, ended.said
    assert "AIMLAPI_BASE_URL is not an http(s) address" in ended.err
    assert "secret" not in ended.said
    assert vendor.ledger().requests == ()


def test_a_rehearsal_does_not_touch_a_journal_of_real_purchases(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(1))
    state = shop.project / ".songmake"
    state.mkdir()
    with contextlib.closing(open_journal(state, at=AT)) as journal:
        journal.take_in(Arrivals(new=(an_attempt(audio=an_audio()),)), at=AT)
    ended = shop.render()
    assert ended.code == 2
    assert "bought from https://api.aimlapi.com" in ended.err
    assert "hint: give the rehearsal folders of its own: songmake render --state" in ended.err
    assert vendor.ledger().requests == ()
    assert shop.render("--state", "elsewhere", "--output", "rehearsed").code == 0
    assert len(vendor.ledger().accepted) == 1


def test_a_rehearsals_journal_is_not_used_for_real_purchases(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, songs(4))
    nowhere = {**bought.environment, "AIMLAPI_BASE_URL": "https://192.0.2.1"}
    ended = inside(replace(bought, environment=nowhere), "render", "--yes")
    assert ended.code == 2
    assert "and this run would ask https://192.0.2.1" in ended.err
    assert vendor.ledger().requests == ()


@pytest.mark.parametrize("cap", ["budget", "max-cost"])
def test_no_concurrency_passes_a_cap(shop: Songmake, vendor: Vendor, cap: str):
    caps = {"budget_usd": 0.6} if cap == "budget" else {}
    flags = ("--max-cost", "0.6") if cap == "max-cost" else ()
    vendor.set(answer_latency_s=0.1)
    write_manifest(shop.project, songs(10), **caps)
    ended = shop.render("--jobs", "8", *flags)
    assert ended.code == 5, ended.said
    assert "has no room" in ended.err
    assert len(vendor.ledger().accepted) == 3
    assert cost(shop)["totals"]["charged_usd"] == "0.585000"
    said = summary(shop)
    assert (said["exit_code"], said["totals"]["states"]) == (5, {"planned": 7, "published": 3})


def test_a_spent_budget_stays_spent(bought: Songmake, vendor: Vendor):
    write_manifest(bought.project, songs(5), budget_usd=0.6)
    for _ in range(2):
        assert again(bought).code == 5
    assert vendor.ledger().requests == ()


def test_what_was_released_can_be_spent_again(shop: Songmake, vendor: Vendor):
    vendor.fault("poll", "error_status", match="81 BPM")
    write_manifest(shop.project, songs(1), budget_usd=0.2)
    assert shop.render().code == 1
    assert shop.render("--replace", "state:failed").code == 0
    totals = cost(shop)["totals"]
    assert (totals["charged_usd"], totals["released_usd"]) == ("0.195000", "0.195000")


def test_a_dearer_song_stops_buying(shop: Songmake, vendor: Vendor):
    vendor.fault("post", "dearer", usd=0.5)
    write_manifest(shop.project, songs(3))
    ended = shop.render("--jobs", "1")
    assert ended.code == 5
    assert "cost $0.50, not $0.195: buying stops" in ended.err
    assert len(vendor.ledger().accepted) == 1
    assert cost(shop)["totals"]["charged_usd"] == "0.500000"


def test_sketches_are_never_asked_about(project: Path):
    write_manifest(project, {"one": song(tags=["x"])}, provider="sketch", budget_usd=0)
    offline = Songmake(project=project, environment={})
    ended = inside(offline, "plan", "--max-cost", "0")
    assert ended.code == 0
    assert "1 take: 1 buy · $0.00" in ended.out
    assert "over budget" not in ended.out
