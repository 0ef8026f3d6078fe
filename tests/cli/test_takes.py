"""Takes, revisions and replacements: each buys exactly one more, and all that was bought stays."""

from tests.builders import songs, write_manifest
from tests.cli.seeing import again, cost, inside, tracks
from tests.command import Songmake
from tests.vendor.client import Vendor


def wish(shop: Songmake, **changes) -> None:
    three = songs(3)
    three["song-1"].update(changes)
    write_manifest(shop.project, three)


def blobs(shop: Songmake) -> set[str]:
    return {path.stem for path in (shop.project / ".songmake" / "store").rglob("*.mp3")}


def rows(shop: Songmake) -> list[tuple[int, int, str, str]]:
    return [
        (row["take"], row["attempt"], row["state"], row["audio"]["stored_sha256"])
        for row in cost(shop)["takes"]
        if row["song"] == "song-1"
    ]


def test_a_revision_buys_one_take_and_going_back_is_free(bought: Songmake, vendor: Vendor):
    first = tracks(bought)["01-song-1.mp3"]
    wish(bought, revision=1)
    assert bought.render().code == 0
    assert len(vendor.ledger().accepted) == 1
    second = tracks(bought)["01-song-1.mp3"]
    assert second != first
    vendor.reset()
    for revision, expected in ((0, first), (1, second), (0, first)):
        wish(bought, revision=revision)
        assert again(bought).code == 0
        assert tracks(bought)["01-song-1.mp3"] == expected
        assert {row[3] for row in rows(bought)} <= blobs(bought)
        assert len(rows(bought)) == 2
    assert vendor.ledger().requests == ()


def test_a_replacement_of_one_of_several_takes_buys_one_and_keeps_all(
    bought: Songmake, vendor: Vendor
):
    wish(bought, takes=3, pick=2)
    assert bought.render().code == 0
    assert len(vendor.ledger().accepted) == 2
    before = tracks(bought)
    assert list(before)[:3] == ["01-song-1.mp3", "02-song-2.mp3", "03-song-3.mp3"]
    vendor.reset()
    assert bought.render("--replace", "song-1#3").code == 0
    assert len(vendor.ledger().accepted) == 1
    after = tracks(bought)
    assert [name for name in before if after[name] != before[name]] == ["takes/song-1.3.mp3"]
    assert [row[:3] for row in rows(bought)] == [
        (1, 1, "published"),
        (2, 1, "published"),
        (3, 1, "superseded"),
        (3, 2, "published"),
    ]
    assert {row[3] for row in rows(bought)} <= blobs(bought)


def test_fewer_takes_and_more_again_is_free_after_a_replacement_too(
    bought: Songmake, vendor: Vendor
):
    wish(bought, takes=2)
    assert bought.render("--replace", "song-1#1").code == 0
    full = tracks(bought)
    assert len(vendor.ledger().accepted) == 2
    vendor.reset()
    wish(bought, takes=1)
    assert again(bought).code == 0
    assert "takes/song-1.2.mp3" not in tracks(bought)
    wish(bought, takes=2)
    assert inside(bought, "plan").out.splitlines()[-1] == "4 takes: 1 publish, 3 keep · $0.00"
    assert again(bought).code == 0
    assert tracks(bought) == full
    assert vendor.ledger().requests == ()


def test_a_take_that_cannot_be_published_keeps_no_other_one_back(shop: Songmake):
    many = songs(8)
    many["song-3"]["takes"] = 2
    write_manifest(shop.project, many)
    folder = shop.project / "outputs" / "album"
    folder.mkdir(parents=True)
    (folder / "takes").write_bytes(b"a file where takes belong")
    ended = shop.render("--jobs", "9")
    assert ended.code == 1, ended.said
    states = {(row["song"], row["take"]): row["state"] for row in cost(shop)["takes"]}
    assert [ref for ref, state in states.items() if state != "published"] == [("song-3", 2)]
    assert sum(path.suffix == ".mp3" for path in folder.iterdir()) == 8

    (folder / "takes").unlink()
    assert again(shop).code == 0
    assert (folder / "takes" / "song-3.2.mp3").is_file()
