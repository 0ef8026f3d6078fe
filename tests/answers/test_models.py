"""Every model, bought through the real command, each in the words of its own contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.answers.shop import NOTHING, Shop, mark, open_shop
from tests.builders import LYRICS, song, write_manifest
from tests.command import Ended

PROMPT = "warm indie folk, 92 BPM"
MP3 = {"format": "mp3", "bitrate": 256000}
NAMED_ID = re.compile(r"[0-9a-f-]{36}:[a-z0-9./_-]+")


def asked(name: str, model: str, *, lyrics: str | None = LYRICS, **fields: Any) -> dict[str, Any]:
    """A song whose prompt carries its mark."""
    made = song(name.title(), prompt=f"{PROMPT} {mark(name)}", model=model, **fields)
    return {**made, "lyrics": lyrics} if lyrics is not None else _without(made, "lyrics")


def _without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: part for key, part in mapping.items() if key != name}


SONGS = {
    "first": asked("first", "minimax/music-2.6"),
    "older": asked("older", "minimax/music-2.0", audio={"format": "wav", "sample_rate": 32000}),
    "oldest": asked("oldest", "minimax/music-1.5"),
    "eleven": asked("eleven", "elevenlabs/eleven_music", length_s=45),
    "lyria": asked("lyria", "google/lyria2", lyrics=None, seed=7, negative_prompt=" drums "),
    "stable": asked("stable", "stable-audio", lyrics=None, steps=50),
}
NAMED = [name for name in SONGS if name != "first"]
SENT: dict[str, dict[str, Any]] = {
    "first": {"lyrics": LYRICS, "audio_setting": {**MP3, "sample_rate": 44100}},
    "older": {
        "lyrics": LYRICS,
        "audio_setting": {"format": "wav", "audio_sample_rate": 32000, "bitrate": 256000},
    },
    "oldest": {"lyrics": LYRICS, "audio_setting": {**MP3, "audio_sample_rate": 44100}},
    "eleven": {"prompt": f"{PROMPT} {mark('eleven')}\n\n{LYRICS}", "music_length_ms": 45_000},
    "lyria": {"seed": 7, "negative_prompt": "drums"},
    "stable": {"seconds_total": 30, "steps": 50},
}
CAME_AS = {"first": "mp3", "older": "wav", "oldest": "mp3", "eleven": "mp3", "lyria": "wav",
           "stable": "wav"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """The whole album bought: one answer lost and looked up, one download spoilt at first."""

    shop: Shop
    render: Ended


@pytest.fixture(scope="module")
def bought() -> Iterator[Bought]:
    with open_shop(price_usd=0.06) as shop:
        write_manifest(shop.project, SONGS, defaults={"price_usd": 0.08}, budget_usd=1)
        shop.vendor.fault("post", "accept_then_500", match=mark("lyria"))
        shop.vendor.fault("cdn", "garbage", match=mark("stable"))
        yield Bought(shop=shop, render=shop.songmake.render("-j", "6"))


def test_every_model_is_bought_and_published_in_the_format_that_came(bought: Bought) -> None:
    assert bought.render.code == 0, bought.render.err
    assert set(bought.shop.songmake.states().values()) == {"published"}
    names = {path.name for path in (bought.shop.project / "outputs/album").iterdir()}
    for number, (name, extension) in enumerate(CAME_AS.items(), start=1):
        assert f"{number:02d}-{name}.{extension}" in names


@pytest.mark.parametrize("name", SONGS)
def test_a_model_is_sent_its_own_fields_and_nothing_else(bought: Bought, name: str) -> None:
    (sold,) = bought.shop.sold(name)
    prompt = f"{PROMPT} {mark(name)}"
    assert sold.body == {"model": SONGS[name]["model"], "prompt": prompt, **SENT[name]}


def test_the_provider_has_nothing_to_object_to(bought: Bought) -> None:
    ledger = bought.shop.vendor.ledger()
    assert ledger.violations == ()
    assert ledger.posts == len(SONGS)


@pytest.mark.parametrize("name", NAMED)
def test_an_id_with_a_colon_and_a_slash_is_kept_as_it_is(bought: Bought, name: str) -> None:
    (sold,) = bought.shop.sold(name)
    assert NAMED_ID.fullmatch(sold.id)
    row = bought.shop.row(name)
    assert (row["generation_id"], row["model"]) == (sold.id, SONGS[name]["model"])
    assert {poll.status for poll in bought.shop.requests("poll", name)} == {200}


def test_no_file_is_named_for_a_generation(bought: Bought) -> None:
    shop = bought.shop
    written = [path.relative_to(shop.project).as_posix() for path in shop.project.rglob("*")]
    for generation_id in shop.vendor.ledger().ids:
        assert not [path for path in written if generation_id.partition(":")[0] in path]
    assert not [path for path in written if ":" in path or "minimax" in path]
    (spoilt,) = (shop.project / ".songmake/quarantine").iterdir()
    assert spoilt.name.startswith(shop.row("stable")["client_request_id"])


def test_a_lost_answer_is_found_in_the_log_under_such_an_id(bought: Bought) -> None:
    assert len(bought.shop.posts("lyria")) == 1
    assert bought.shop.vendor.ledger().logs >= 1
    assert bought.shop.row("lyria")["cost_source"] == "answer"


def test_what_a_model_makes_in_its_own_format_is_no_surprise(bought: Bought) -> None:
    assert "asked for" not in bought.render.err
    row = bought.shop.row("lyria")
    assert (row["audio"]["format"], row["audio"]["sample_rate"]) == ("wav", 44100)


def test_the_manifests_price_is_reserved_and_the_answers_is_booked(bought: Bought) -> None:
    rows = {name: bought.shop.row(name) for name in SONGS}
    assert {row["reserved_usd"] for name, row in rows.items() if name != "first"} == {"0.080000"}
    assert rows["first"]["reserved_usd"] == "0.195000"
    assert {row["charged_usd"] for row in rows.values()} == {"0.060000"}


def test_the_warning_about_a_length_comes_before_the_money(bought: Bought) -> None:
    said = bought.render.err
    assert "stable: stable-audio makes 30 s of music where length_s says nothing" in said
    assert "elevenlabs/eleven_music makes" not in said


def test_all_of_it_verifies_and_nothing_is_bought_again(bought: Bought) -> None:
    shop = bought.shop
    assert shop.songmake("verify").code == 0
    posts = shop.vendor.ledger().posts
    spelled = {**SONGS, "stable": {**SONGS["stable"], "length_s": 30, "price_usd": 0.09},
               "first": {**SONGS["first"], "contract": "2026-04"}}  # fmt: skip
    write_manifest(shop.project, spelled, defaults={"price_usd": 0.07}, budget_usd=1)
    assert shop.songmake.render().code == 0
    assert shop.vendor.ledger().posts == posts


LATER = {
    "sung": asked("sung", "minimax/music-2.6", audio={"format": "wav"}),
    "played": asked("played", "minimax/music-2.6", lyrics=None, instrumental=True),
    "written": asked("written", "minimax/music-2.6", lyrics=None, lyrics_optimizer=True),
    "words-only": _without(song("Words only", lyrics=f"{LYRICS} (words-only)"), "prompt"),
}
APRIL = {"audio_setting": {**MP3, "audio_sample_rate": 44100}}
LATER_SENT: list[dict[str, Any]] = [
    {
        "lyrics": LYRICS,
        "audio_setting": {"format": "wav", "audio_sample_rate": 44100, "bitrate": 256000},
        "prompt": LATER["sung"]["prompt"],
    },
    {"is_instrumental": True, "prompt": LATER["played"]["prompt"], **APRIL},
    {"lyrics_optimizer": True, "prompt": LATER["written"]["prompt"], **APRIL},
    {"lyrics": f"{LYRICS} (words-only)", **APRIL},
]


def test_the_later_contract_is_bought_where_the_provider_keeps_it() -> None:
    with open_shop(contract="2026-04") as shop:
        write_manifest(shop.project, LATER, defaults={"contract": "2026-04"})
        assert shop.songmake.render("-j", "4").code == 0
        ledger = shop.vendor.ledger()
        assert ledger.violations == ()
        bodies = [_without(sold.body, "model") for sold in ledger.accepted]
        for sent in LATER_SENT:
            assert bodies.count(sent) == 1
        assert len(bodies) == len(LATER_SENT)


def test_a_request_that_one_contract_refused_is_bought_under_the_other_for_the_asking() -> None:
    with open_shop(contract="2026-04") as shop:
        songs = {"song": asked("song", "minimax/music-2.6")}
        write_manifest(shop.project, songs)
        assert shop.songmake.render().code == 1
        assert shop.row("song")["state"] == "rejected"
        assert shop.money("song") == (NOTHING, NOTHING, NOTHING)
        write_manifest(shop.project, songs, defaults={"contract": "2026-04"})
        assert shop.songmake.render("--replace", "song").code == 0
        rejected, published = shop.rows("song")
        assert (rejected["digest"], published["state"]) == (published["digest"], "published")
        assert len(shop.vendor.ledger().accepted) == 1


def test_a_person_settles_a_doubt_with_such_an_id(shop: Shop) -> None:
    write_manifest(shop.project, {"older": SONGS["older"]}, defaults={"price_usd": 0.1})
    shop.vendor.fault("logs", "404", times=None)
    shop.vendor.fault("post", "accept_then_500")
    assert shop.songmake.render().code == 3
    (sold,) = shop.sold("older")
    assert sold.id.endswith(":minimax/music-2.0")
    assert shop.songmake("settle", "older#1", "--generation", sold.id).code == 0
    assert shop.songmake.render().code == 0
    row = shop.row("older")
    assert (row["state"], row["generation_id"]) == ("published", sold.id)
    assert (row["charged_usd"], row["cost_source"]) == ("0.100000", "estimated")
    assert shop.vendor.ledger().posts == 1


def test_nothing_is_bought_from_a_model_whose_price_nobody_knows(shop: Shop) -> None:
    write_manifest(shop.project, {"lyria": SONGS["lyria"]})
    for words in (("plan",), ("render", "--yes")):
        ended = shop.songmake(*words)
        assert ended.code == 2
        assert "what google/lyria2 costs is not known" in ended.err
        assert "hint: add “price_usd: …”" in ended.err
    assert shop.vendor.ledger().requests == ()


def test_a_stated_price_is_what_a_budget_counts(shop: Shop) -> None:
    songs = {name: asked(name, "stable-audio", lyrics=None, length_s=5) for name in ("one", "two")}
    write_manifest(shop.project, songs, defaults={"price_usd": 0.3}, budget_usd=0.5)
    planned = json.loads(shop.songmake("plan", "--json").out)
    assert {row["model"] for row in planned["takes"]} == {"stable-audio"}
    totals = planned["totals"]
    assert (totals["price_usd"], totals["affordable_usd"]) == ("0.600000", "0.300000")
    shop.vendor.set(price_usd=0.3)
    assert shop.songmake.render("-j", "1").code == 5
    assert shop.vendor.ledger().posts == 1


def test_a_model_is_sketched_without_a_price_and_its_purchase_stands_beside_it(
    shop: Shop,
) -> None:
    songs = {"stable": {**SONGS["stable"], "length_s": 20}}
    write_manifest(shop.project, songs, provider="sketch")
    assert shop.songmake.render().code == 0
    assert Path(shop.project / "outputs/album/01-stable.mp3").is_file()
    row = shop.row("stable")
    assert (row["model"], row["provider"], row["charged_usd"]) == (
        "stable-audio",
        "sketch",
        NOTHING,
    )
    assert shop.vendor.ledger().requests == ()
