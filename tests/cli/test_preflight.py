"""What account and catalogue say of a plan: said before money is spent, and never in the way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, at_terminal, cost, events, inside, printed
from tests.command import Songmake
from tests.vendor.client import Vendor

QUICK = ("render", "--poll-interval", "0.05")
QUESTIONS = ("billing", "models", "deprecations")
RISEN = (
    "minimax/music-2.6 costs $0.25 a song now, not $0.195: "
    "this plan would cost $0.75, not $0.585"
)  # fmt: skip


@pytest.fixture
def three(shop: Songmake) -> Songmake:
    write_manifest(shop.project, songs(3))
    return shop


def asked(vendor: Vendor) -> list[str]:
    return [one.kind for one in vendor.ledger().requests]


def ahead(shop: Songmake, *words: str) -> Any:
    ended = inside(shop, "plan", "--preflight", "--json", *words)
    assert ended.code == 0, ended.said
    return printed(ended, "plan")["preflight"]


def told(found: Any) -> list[str]:
    return [finding["kind"] for finding in found["findings"]]


def test_a_plan_sends_nothing_and_a_preflight_only_questions(three: Songmake, vendor: Vendor):
    assert "preflight" not in printed(inside(three, "plan", "--json"), "plan")
    assert inside(three, "render", "--dry-run").code == 0
    assert asked(vendor) == []
    found = ahead(three)
    assert sorted(asked(vendor)) == sorted(QUESTIONS)
    assert (found["balance_usd"], found["findings"]) == ("1000.000000", [])
    assert (found["planned_usd"], found["quoted_usd"]) == ("0.585000", "0.585000")
    (model,) = found["models"]
    assert (model["standing"], model["quoted_usd"]) == ("listed", "0.195000")


def test_the_key_goes_to_the_account_alone(three: Songmake, vendor: Vendor):
    assert again(three).code == 0
    keys = {one.kind: one.has_key for one in vendor.ledger().requests}
    assert keys["billing"]
    assert not keys["models"]
    assert not keys["deprecations"]


def test_where_nothing_is_bought_nobody_is_asked(bought: Songmake, vendor: Vendor):
    assert again(bought).code == 0
    assert printed(inside(bought, "plan", "--preflight", "--json"), "plan").get("preflight") is None
    assert asked(vendor) == []


def test_questions_come_before_the_first_purchase_and_once(three: Songmake, vendor: Vendor):
    assert again(three).code == 0
    kinds = asked(vendor)
    assert set(kinds[:3]) == set(QUESTIONS)
    assert not set(kinds[3:]) & set(QUESTIONS)


def test_a_balance_that_is_too_low_is_said_with_amounts_before_the_question(
    three: Songmake, vendor: Vendor
):
    vendor.set(balance_usd=0.5)
    code, shown = at_terminal(three, QUICK, answers={"spend up to $0.585?": "n\n"})
    assert code == 2
    said = "the account holds $0.50 and the plan costs $0.585: enough for 2 of 3 takes"
    assert said in " ".join(shown.split())
    assert shown.index("the account holds") < shown.index("spend up to")
    assert vendor.ledger().posts == 0
    found = ahead(three)
    assert (told(found), found["balance_usd"]) == (["balance_low"], "0.500000")


def test_a_risen_price_is_what_is_asked_about_and_reserved(three: Songmake, vendor: Vendor):
    vendor.set(price_usd=0.25)
    code, shown = at_terminal(three, QUICK, answers={"spend up to $0.75?": "y\n"})
    assert code == 0, shown
    assert RISEN in " ".join(shown.split())
    rows = cost(three)["takes"]
    assert {(row["reserved_usd"], row["charged_usd"]) for row in rows} == {("0.250000",) * 2}


def test_a_risen_price_is_held_to_the_cap(three: Songmake, vendor: Vendor):
    vendor.set(price_usd=0.25)
    ended = inside(three, *QUICK, "--max-cost", "0.6")
    assert ended.code == 5
    assert "the new price is reserved" in ended.err
    assert len(vendor.ledger().accepted) == 2


def test_yes_alone_agreed_to_the_old_price_and_the_first_dearer_song_stops_it(
    three: Songmake, vendor: Vendor
):
    vendor.set(price_usd=0.25)
    ended = again(three, "--jobs", "1")
    assert ended.code == 5
    assert f"warning: {RISEN}\n" in ended.err
    assert "to agree to the new one: songmake render --yes" in ended.err
    assert "--jobs 1 --max-cost 0.75\n" in ended.err
    assert len(vendor.ledger().accepted) == 1


def test_a_lower_price_is_said_and_the_known_one_stays_reserved(three: Songmake, vendor: Vendor):
    vendor.set(price_usd=0.1)
    ended = again(three)
    assert ended.code == 0
    assert "costs $0.10 a song now, not $0.195" in ended.err
    rows = cost(three)["takes"]
    assert {(row["reserved_usd"], row["charged_usd"]) for row in rows} == {("0.195000", "0.100000")}


@pytest.mark.parametrize(
    ("faults", "standing", "said"),
    [
        ({"models": "unlisted"}, "unlisted", "does not list minimax/music-2.6"),
        (
            {"models": "unlisted", "deprecations": "withdrawn"},
            "withdrawn",
            "minimax/music-2.6 was withdrawn: requests for it are refused",
        ),
        (
            {"models": "unlisted", "deprecations": "deprecated"},
            "deprecated",
            "is deprecated: it works still, and ends on 2027-01-31",
        ),
        (
            {"models": "alias", "deprecations": "superseded"},
            "superseded",
            "is another name of minimax/music-3.0 now, and works still",
        ),
    ],
)
def test_a_model_on_its_way_out_is_said_and_never_a_stop(
    three: Songmake, vendor: Vendor, faults: dict[str, str], standing: str, said: str
):
    for where, do in faults.items():
        vendor.fault(where, do, times=None)
    (model,) = ahead(three)["models"]
    assert model["standing"] == standing
    ended = again(three)
    assert ended.code == 0
    assert said in ended.err
    assert ended.err.index(said) < ended.err.index("intent")


def test_an_alias_is_the_model_and_worth_no_word(three: Songmake, vendor: Vendor):
    vendor.fault("models", "alias")
    assert told(ahead(three)) == []


@pytest.mark.parametrize("do", ["variable", "per_second", "no_pricing"])
def test_a_price_that_is_not_a_song_s_is_not_compared(three: Songmake, vendor: Vendor, do: str):
    vendor.fault("models", do)
    found = ahead(three)
    assert told(found) == ["price_unclear"]
    assert found["quoted_usd"] == "0.585000"


def test_of_several_prices_the_highest_is_reckoned_with(three: Songmake, vendor: Vendor):
    vendor.fault("models", "variants")
    found = ahead(three)
    assert (told(found), found["quoted_usd"]) == (["price_higher"], "1.170000")


@pytest.mark.parametrize("do", ["404", "500", "html200", "garbage", "huge", "hang", "redirect"])
def test_endpoints_that_are_missing_slow_or_mad_are_a_line_each_and_no_stop(
    three: Songmake, vendor: Vendor, do: str
):
    for where in QUESTIONS:
        vendor.fault(where, do, times=None)
    ended = again(three)
    assert ended.code == 0, ended.said
    warnings = [line for line in ended.err.splitlines() if line.startswith("warning: ")]
    assert len(warnings) == 2, warnings
    assert "the provider's catalogue does not answer (" in ended.err
    assert "the account's balance cannot be read (" in ended.err
    assert len(vendor.ledger().accepted) == 3


def test_a_balance_in_another_currency_is_not_compared(three: Songmake, vendor: Vendor):
    vendor.fault("billing", "currency")
    found = ahead(three)
    assert (told(found), found["balance_usd"]) == (["balance_unknown"], None)
    assert "not in US dollars" in found["findings"][0]["message"]


def test_without_a_key_the_catalogue_is_asked_all_the_same(three: Songmake, vendor: Vendor):
    url = three.environment["AIMLAPI_BASE_URL"]
    keyless = replace(three, environment={"AIMLAPI_BASE_URL": url})
    found = ahead(keyless)
    assert (told(found), found["models"][0]["standing"]) == (["balance_unknown"], "listed")
    assert sorted(asked(vendor)) == ["deprecations", "models"]


def test_a_plan_in_words_shows_what_it_would_cost_today(three: Songmake, vendor: Vendor):
    vendor.set(price_usd=0.25)
    ended = inside(three, "plan", "--preflight")
    assert f"warning: {RISEN}\n" in ended.err
    assert "buy  song-1#1  $0.25  new\n" in ended.out
    assert ended.out.endswith("3 takes: 3 buy · $0.75\nthe account holds $1000.00\n")


def test_what_is_worth_knowing_is_an_event_too(three: Songmake, vendor: Vendor):
    vendor.set(balance_usd=0.5)
    found = events(again(three, "--json"))
    assert found[0]["event"] == "warned"
    assert found[0]["message"].startswith("the account holds $0.50")
    assert found[0]["hint"]


def test_a_plan_is_made_offline_and_a_preflight_without_a_network_is_two_warnings(project: Path):
    write_manifest(project, songs(1))
    far = Songmake(project=project, environment={"AIMLAPI_BASE_URL": "https://192.0.2.1"})
    assert inside(far, "plan").code == 0  # the guard refuses every address but loopback
    closed = {"AIMLAPI_KEY": "k" * 32, "AIMLAPI_BASE_URL": "http://127.0.0.1:1"}
    ended = inside(Songmake(project=project, environment=closed), "plan", "--preflight")
    assert ended.code == 0
    assert ended.err.count("(ConnectError") == ended.err.count("warning: ") == 2
