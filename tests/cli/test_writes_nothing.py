from tests.builders import songs, write_manifest
from tests.cli.seeing import files, inside, printed
from tests.command import Songmake
from tests.vendor.client import Vendor


def test_looking_at_a_new_project_writes_nothing(shop: Songmake, vendor: Vendor):
    write_manifest(shop.project, songs(2))
    before = files(shop.project)
    for words in (
        ("plan",),
        ("plan", "--check"),
        ("render", "--dry-run"),
        ("render", "-n", "--json"),
        ("status",),
        ("verify",),
        ("validate",),
    ):
        inside(shop, *words)
        assert files(shop.project) == before, words
    assert not (shop.project / ".songmake").exists()
    assert not (shop.project / "outputs").exists()
    assert vendor.ledger().requests == ()


def test_looking_at_a_bought_project_changes_none_of_its_documents(
    bought: Songmake, vendor: Vendor
):
    def seen() -> dict[str, bytes]:
        return {
            name: content
            for name, content in files(bought.project).items()
            if not name.endswith(("-shm", "-wal"))
        }

    before = seen()
    for words in (("plan",), ("render", "--dry-run", "--replace", "*"), ("status",), ("verify",)):
        assert inside(bought, *words).code == 0
    assert seen() == before
    assert vendor.ledger().requests == ()


def test_a_dry_run_of_a_broken_manifest_writes_nothing_either(shop: Songmake):
    write_manifest(shop.project, {"one": {"title": "No prompt"}})
    before = files(shop.project)
    assert inside(shop, "render", "--dry-run").code == 2
    assert files(shop.project) == before


def test_check_exits_with_10_while_work_is_pending(bought: Songmake):
    assert inside(bought, "plan", "--check").code == 0
    three = songs(3)
    three["song-3"]["takes"] = 2
    write_manifest(bought.project, three)
    ended = inside(bought, "plan", "--check")
    assert ended.code == 10
    assert "buy      song-3#2  $0.195  new\n" in ended.out
    assert ended.out.endswith("4 takes: 1 buy, 3 keep · $0.195\n")
    assert inside(bought, "plan", "--check", "--select", "song-1").code == 0
    assert inside(bought, "plan").code == 0


def test_another_song_changes_how_many_tracks_the_others_say_there_are(
    bought: Songmake, vendor: Vendor
):
    write_manifest(bought.project, songs(4))
    planned = printed(inside(bought, "plan", "--json"), "plan")
    assert [row["action"] for row in planned["takes"]] == ["publish"] * 3 + ["buy"]
    assert vendor.ledger().requests == ()


def test_a_plan_shows_what_a_cap_would_stop(shop: Songmake):
    write_manifest(shop.project, songs(3), budget_usd=0.4)
    planned = printed(inside(shop, "plan", "--json"), "plan")
    assert [row["is_within_budget"] for row in planned["takes"]] == [True, True, False]
    dry = inside(shop, "render", "--dry-run", "--json", "--max-cost", "0.2")
    planned = printed(dry, "plan")
    assert [row["is_within_budget"] for row in planned["takes"]] == [True, False, False]


def test_a_plan_tells_why(bought: Songmake):
    three = songs(3)
    three["song-1"]["prompt"] = "slow waltz, 60 BPM"
    three["song-2"]["takes"] = 2
    write_manifest(bought.project, three)
    planned = printed(inside(bought, "plan", "--json", "--replace", "song-3"), "plan")
    found = [(row["song"], row["take"], row["action"], row["reason"]) for row in planned["takes"]]
    assert found == [
        ("song-1", 1, "buy", "changed: prompt"),
        ("song-2", 1, "keep", "published and up to date"),
        ("song-2", 2, "buy", "new"),
        ("song-3", 1, "buy", "replace"),
    ]
    assert planned["totals"]["price_usd"] == "0.585000"
