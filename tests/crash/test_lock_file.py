"""The lock file when everything else is lost, behind, somebody else's, or in conflict."""

from __future__ import annotations

import difflib
import json
import re
import shlex
from random import Random
from typing import Any

import pytest

from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import again, inside, valid
from tests.command import Songmake
from tests.core.attempts import attempt_at
from tests.core.test_lock_document import JOURNAL, ONE, text_of
from tests.crash.scene import Scene, ended, kill_9, published, remove_folder, tree

PRICE = "0.195000"


def lock_of(scene: Scene, album: str = "album") -> dict[str, Any]:
    """An album's lock, which is as its schema says."""
    path = scene.project / f"manifests/{album}.lock.json"
    found: dict[str, Any] = valid(json.loads(path.read_text(encoding="utf-8")), "lock")
    return found


def states_in(scene: Scene, album: str = "album") -> dict[str, str]:
    rows = lock_of(scene, album)["attempts"]
    return {f"{row['song']}#{row['take']}": row["state"] for row in rows}


def forget_journal(scene: Scene) -> None:
    """What an ephemeral runner keeps is the store and the lock."""
    for path in (scene.project / ".songmake").glob("journal.sqlite3*"):
        path.unlink()


def forget_everything_but_the_lock(scene: Scene) -> None:
    remove_folder(scene.project / ".songmake")
    if scene.outputs.exists():
        remove_folder(scene.outputs)


# --- the journal is lost ---


def test_with_lock_and_store_alone_everything_comes_back_without_a_request(scene: Scene) -> None:
    scene.manifest({**songs(2), "coda": song("Coda", prompt="slow piano", takes=2)})
    assert scene.render_here() == ExitCode.OK
    before, requests = published(scene.outputs), len(scene.ledger.requests)
    forget_journal(scene)
    remove_folder(scene.outputs)

    assert scene.render_here() == ExitCode.OK

    assert len(scene.ledger.requests) == requests
    assert published(scene.outputs) == before, "reports and tracks are the same to the byte"


def test_with_the_lock_alone_everything_is_fetched_again_and_nothing_bought(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    before, lock = published(scene.outputs), scene.lock.read_bytes()
    forget_everything_but_the_lock(scene)

    assert scene.render_here() == ExitCode.OK

    assert published(scene.outputs) == before
    assert (scene.ledger.posts, scene.ledger.logs) == (2, 0)
    assert scene.lock.read_bytes() == lock, "it still names the journal that buys"


def test_what_was_only_submitted_is_collected_by_the_next_runner(scene: Scene) -> None:
    scene.manifest(songs(3))
    assert scene.render_here(is_waiting=False) == ExitCode.UNFINISHED
    assert set(states_in(scene).values()) == {"submitted"}
    forget_everything_but_the_lock(scene)

    assert scene.render_here() == ExitCode.OK

    assert (scene.ledger.posts, scene.ledger.logs) == (3, 0)
    assert set(states_in(scene).values()) == {"stored"}
    assert {row["charged_usd"] for row in scene.songmake.report()["takes"]} == {PRICE}


def test_an_intent_is_in_the_lock_before_the_vendor_has_seen_it(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.set(post_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: ledger.posts == 1)
    (row,) = lock_of(scene)["attempts"]
    kill_9(running)
    (post,) = scene.ledger.of("post")
    assert (row["state"], row["client_request_id"]) == ("intent", post.client_request_id)


def test_a_kill_before_the_answer_and_a_lost_journal_buy_nothing_twice(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(answer_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 2)
    kill_9(running)
    scene.vendor.set(answer_latency_s=0.0)
    assert set(states_in(scene).values()) == {"intent"}
    remove_folder(scene.project / ".songmake")

    assert scene.render_here() == ExitCode.OK

    assert len(scene.ledger.accepted) == 2
    assert scene.ledger.logs >= 1
    assert set(states_in(scene).values()) == {"stored"}
    scene.assert_nothing_was_bought_twice()


def test_without_journal_and_log_what_is_in_doubt_stays_so(scene: Scene) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("logs", "404", times=None)
    scene.vendor.set(answer_latency_s=30.0)
    running = scene.start_and_wait(lambda ledger: len(ledger.accepted) == 1)
    kill_9(running)
    remove_folder(scene.project / ".songmake")
    scene.vendor.set(answer_latency_s=0.0)

    assert scene.render_here() == ExitCode.IN_DOUBT
    assert scene.ledger.posts == 1
    assert states_in(scene) == {"song-1#1": "in_doubt"}

    remove_folder(scene.project / ".songmake")
    words = ("settle", "song-1#1", "--generation", scene.ledger.ids[0])
    settled = inside(scene.songmake, *words)
    assert settled.code == 0, settled.said
    assert states_in(scene) == {"song-1#1": "submitted"}
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 1


def test_looking_with_the_lock_alone_writes_nothing_and_knows_all(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    forget_everything_but_the_lock(scene)
    changed = songs(2)
    changed["song-1"]["lyrics"] = "[Verse]\nAnother night"
    scene.manifest(changed)
    before = tree(scene.project)

    planned = inside(scene.songmake, "plan", "--json")
    status = inside(scene.songmake, "status", "--json")

    rows = {row["song"]: row for row in json.loads(planned.out)["takes"]}
    assert (rows["song-1"]["action"], rows["song-1"]["reason"]) == ("buy", "changed: lyrics")
    assert rows["song-2"]["action"] == "collect"
    assert "--take-over" in planned.err
    assert json.loads(status.out)["totals"]["charged_usd"] == "0.390000"
    assert tree(scene.project) == before


# --- the lock is lost, or behind ---


def test_a_missing_lock_is_written_again_to_the_same_bytes(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    before, requests = scene.lock.read_bytes(), len(scene.ledger.requests)
    for words in (("report",), ("render", "--yes")):
        scene.lock.unlink()
        assert inside(scene.songmake, "verify").code == 10
        assert inside(scene.songmake, *words).code == 0
        assert scene.lock.read_bytes() == before
        assert inside(scene.songmake, "verify").code == 0
    assert len(scene.ledger.requests) == requests


def test_a_run_without_work_leaves_the_lock_alone(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    before = scene.lock.stat()
    assert scene.render_here() == ExitCode.OK
    remove_folder(scene.outputs)
    assert scene.render_here() == ExitCode.OK
    assert (scene.lock.stat().st_ino, scene.lock.stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )


def test_a_lock_that_a_kill_left_behind_is_brought_in_step(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here(is_waiting=False) == ExitCode.UNFINISHED
    behind = scene.lock.read_bytes()
    assert scene.render_here() == ExitCode.OK
    current = scene.lock.read_bytes()
    scene.lock.write_bytes(behind)

    assert scene.render_here() == ExitCode.OK

    assert scene.lock.read_bytes() == current != behind
    assert scene.ledger.posts == 1


def test_an_old_journal_beside_its_own_lock_buys_nothing_until_it_knows(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    old = scene.journal.read_bytes()
    scene.manifest(songs(3))
    assert scene.render_here() == ExitCode.OK
    remove_folder(scene.outputs)
    scene.journal.write_bytes(old)
    before = scene.lock.read_bytes()

    for words in (("render", "--yes"), ("plan",), ("report",)):
        refused = inside(scene.songmake, *words)
        assert refused.code == 7, refused.said
    assert scene.lock.read_bytes() == before
    assert "song-2#1, song-3#1" in refused.err
    found = re.search(r"hint: songmake (.*)", refused.err)
    assert found is not None
    words = shlex.split(found[1])
    assert words[:2] == ["report", "--import"]
    assert words[2].endswith("album.lock.json")

    assert inside(scene.songmake, *words).code == 0
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 3
    assert scene.lock.read_bytes() == before


# --- the lock is somebody else's ---


def test_beside_another_journal_nothing_is_bought_and_everything_paid_is_collected(
    scene: Scene,
) -> None:
    scene.manifest(songs(2))
    assert scene.render_here(is_waiting=False) == ExitCode.UNFINISHED
    owner = lock_of(scene)["journal"]
    forget_everything_but_the_lock(scene)
    scene.manifest(songs(3))

    refused = again(scene.songmake)

    assert refused.code == 7, refused.said
    assert scene.ledger.posts == 2
    assert sorted(path.name for path in scene.outputs.rglob("*.mp3")) == [
        "01-song-1.mp3",
        "02-song-2.mp3",
    ]
    assert lock_of(scene)["journal"] == owner
    assert "song-3#1 is not bought" in refused.err
    found = re.search(r"songmake (render .*--take-over)", refused.err)
    assert found is not None, refused.err
    summary = scene.songmake.document("summary.json")
    assert summary["exit_code"] == 7
    assert "another journal" in summary["reason"]
    assert scene.render_here() == ExitCode.DAMAGED

    taken = inside(scene.songmake, *shlex.split(found[1]), "--yes", "--poll-interval", "0.05")

    assert taken.code == 0, taken.said
    assert scene.ledger.posts == 3
    assert lock_of(scene)["journal"] != owner
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 3


def test_a_replacement_beside_another_journal_waits_too(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    forget_journal(scene)
    assert again(scene.songmake, "--replace", "song-1").code == 7
    assert scene.ledger.posts == 1
    assert again(scene.songmake, "--replace", "song-1", "--take-over").code == 0
    assert scene.ledger.posts == 2
    rows = [(row["attempt"], row["superseded_at"] is None) for row in lock_of(scene)["attempts"]]
    assert rows == [(1, False), (2, True)]


def test_two_machines_that_pass_the_lock_on_buy_everything_once(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    home, away = scene.project / ".songmake", scene.project / "away"
    home.rename(away)
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.DAMAGED
    assert scene.render_here(is_taking_over=True) == ExitCode.OK
    assert again(scene.songmake, "--replace", "song-1").code == 0
    home.rename(scene.project / "second")
    away.rename(home)

    assert scene.render_here() == ExitCode.OK, "what the other bought is collected here"

    assert scene.ledger.posts == 3
    states = {(row["attempt"], row["state"]) for row in scene.songmake.report()["takes"]}
    assert (1, "superseded") in states
    scene.manifest(songs(3))
    assert scene.render_here() == ExitCode.DAMAGED
    assert scene.ledger.posts == 3


def test_what_one_machine_settled_and_bought_the_other_collects_and_never_buys(
    scene: Scene,
) -> None:
    scene.manifest(songs(1))
    scene.vendor.fault("post", "hang")
    scene.vendor.fault("logs", "404", times=None)
    running = scene.start_and_wait(lambda ledger: ledger.posts == 1)
    kill_9(running)
    home, away = scene.project / ".songmake", scene.project / "away"
    assert scene.render_here() == ExitCode.IN_DOUBT
    home.rename(away)
    assert inside(scene.songmake, "settle", "song-1#1", "--not-charged").code == 0
    assert scene.render_here(is_taking_over=True) == ExitCode.OK
    home.rename(scene.project / "second")
    away.rename(home)

    assert scene.render_here() == ExitCode.IN_DOUBT, "here nobody has settled it"
    assert (scene.outputs / "album/01-song-1.mp3").exists()
    assert inside(scene.songmake, "settle", "song-1#1", "--not-charged").code == 0
    for is_taking_over in (False, True):
        assert scene.render_here(is_taking_over=is_taking_over) == ExitCode.OK
    remove_folder(home)
    (scene.project / "second").rename(home)
    for is_taking_over in (False, True):
        assert scene.render_here(is_taking_over=is_taking_over) == ExitCode.OK
    assert len(scene.ledger.accepted) == 1


def test_the_money_that_another_journal_spent_counts(scene: Scene) -> None:
    scene.manifest(songs(2), budget_usd=0.4)
    assert scene.render_here() == ExitCode.OK
    forget_journal(scene)
    scene.manifest(songs(3), budget_usd=0.4)
    assert scene.render_here(is_taking_over=True) == ExitCode.BUDGET
    assert scene.ledger.posts == 2


def test_sketches_of_another_machine_stand_in_nobodys_way(scene: Scene) -> None:
    scene.manifest(songs(1))
    sketch = attempt_at(ONE, provider=Provider.SKETCH, origin="http://127.0.0.1:50123")
    scene.lock.write_text(text_of(sketch), encoding="utf-8")

    assert scene.render_here() == ExitCode.OK

    assert scene.ledger.posts == 1
    lock = lock_of(scene)
    assert lock["journal"] != JOURNAL
    assert [row["provider"] for row in lock["attempts"]] == ["sketch", "aimlapi"]


def test_a_rehearsal_beside_real_purchases_is_refused_and_learns_nothing(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    scene.lock.write_text(
        scene.lock.read_text(encoding="utf-8").replace(
            scene.vendor.api_url, "https://api.aimlapi.com"
        ),
        encoding="utf-8",
    )
    before = scene.lock.read_bytes()
    remove_folder(scene.outputs)  # what they give back is asked of nobody

    refused = again(scene.songmake, "--state", "rehearsal")

    assert refused.code == 2, refused.said
    assert "a rehearsal must not mix with money" in refused.err
    assert ".lock.json" in refused.err
    assert scene.ledger.posts == 1
    assert scene.lock.read_bytes() == before


# --- the lock cannot be trusted, or not written ---


def test_a_merge_conflict_stops_everything_and_names_its_line(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    lines = scene.lock.read_text(encoding="utf-8").splitlines()
    lines.insert(9, "<<<<<<< HEAD")
    scene.lock.write_text("\n".join(lines), encoding="utf-8")
    scene.manifest(songs(3))
    requests, before = len(scene.ledger.requests), scene.lock.read_bytes()

    commands = (("render", "--yes"), ("plan",), ("status",), ("report",), ("verify",))
    for words in (*commands, ("settle", "song-1#1", "--charged")):
        refused = inside(scene.songmake, *words)
        assert refused.code == 7, (words, refused.said)
        assert "album.lock.json:10: a merge conflict is not resolved" in refused.err
    assert len(scene.ledger.requests) == requests
    assert scene.lock.read_bytes() == before
    assert scene.songmake.document("summary.json")["exit_code"] == 7


def test_both_sides_of_a_conflict_are_believed(scene: Scene) -> None:
    """Two machines bought on two branches; whoever merges keeps the lines of both."""
    scene.manifest(songs(2))
    assert again(scene.songmake, "-s", "song-1").code == 0
    ours = lock_of(scene)
    remove_folder(scene.project / ".songmake")
    scene.lock.unlink()
    remove_folder(scene.outputs)
    assert again(scene.songmake, "-s", "song-2").code == 0
    theirs = lock_of(scene)
    merged = {
        **ours,
        "requests": {**ours["requests"], **theirs["requests"]},
        "attempts": [*theirs["attempts"], *ours["attempts"]],
    }
    scene.lock.write_text(json.dumps(merged), encoding="utf-8")

    assert scene.render_here() == ExitCode.OK

    assert scene.ledger.posts == 2
    assert set(scene.songmake.states().values()) == {"published"}


def test_the_lock_of_another_album_is_an_error(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    (scene.project / "manifests/album.yaml").unlink()
    scene.lock.rename(scene.project / "manifests/renamed.lock.json")
    write_manifest(scene.project, songs(1), name="renamed")

    refused = inside(scene.songmake, "render", "--yes")

    assert refused.code == 7
    assert "add “id: album” to the album" in refused.err
    write_manifest(
        scene.project,
        songs(1),
        name="renamed",
        album={"id": "album", "title": "An album", "artist": "An artist", "year": 2026},
    )
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 1


def test_a_read_only_lock_is_said_before_anything_is_bought(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    scene.manifest(songs(2))
    scene.lock.chmod(0o444)

    refused = again(scene.songmake)

    assert refused.code == 1, refused.said
    assert "album.lock.json: cannot write the lock file: the file is read-only" in refused.err
    assert scene.ledger.posts == 1
    scene.lock.chmod(0o644)
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2


def test_an_intent_that_the_lock_cannot_hold_is_not_sent(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(answer_latency_s=1.5)
    running = scene.start_and_wait(lambda ledger: ledger.posts == 1, "-j", "1")
    obstacle = scene.lock.with_name(f".{scene.lock.name}.part")
    obstacle.mkdir()

    full = ended(running, within_s=30)

    assert full.code == 1, full.said
    assert "cannot write the lock file" in full.err
    assert scene.ledger.posts == 1
    states = {row["song"]: row["state"] for row in scene.attempts()}
    assert states["song-2"] == "planned", "no byte of it has left"
    obstacle.rmdir()
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2
    assert set(states_in(scene).values()) == {"stored"}


def test_a_lock_that_is_merged_during_a_run_is_not_overwritten(scene: Scene) -> None:
    scene.manifest(songs(2))
    scene.vendor.set(answer_latency_s=1.5)
    running = scene.start_and_wait(lambda ledger: ledger.posts == 1, "-j", "1")
    merged = scene.lock.read_text(encoding="utf-8").replace("Song 1", "Song one")
    scene.lock.write_text(merged, encoding="utf-8")

    stopped = ended(running, within_s=30)

    assert stopped.code == 7, stopped.said
    assert "changed by another hand" in stopped.err
    assert scene.lock.read_text(encoding="utf-8") == merged
    assert scene.ledger.posts == 1
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2


# --- a producer's days ---


def test_settling_and_importing_reach_the_lock(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here(is_waiting=False) == ExitCode.UNFINISHED
    assert inside(scene.songmake, "settle", "song-1#1", "--charged").code == 0
    assert states_in(scene) == {"song-1#1": "lost", "song-2#1": "submitted"}
    manifest = scene.project / "manifests/album.yaml"
    away = manifest.rename(scene.project / "away.yaml")
    settled = inside(scene.songmake, "settle", "album/song-2#1", "--charged")
    assert settled.code == 0, settled.said
    assert states_in(scene) == {"song-1#1": "lost", "song-2#1": "lost"}
    away.rename(manifest)


def test_a_shared_purchase_is_in_both_locks_and_free_without_a_journal(scene: Scene) -> None:
    scene.manifest({"one": song("One")}, name="first")
    scene.manifest({"two": song("Two")}, name="second")
    assert scene.render_here() == ExitCode.OK
    (guest,) = lock_of(scene, "second")["attempts"]
    assert (guest["album"], guest["song"]) == ("first", "one")
    assert "album" not in lock_of(scene, "first")["attempts"][0]
    before = published(scene.outputs)
    forget_everything_but_the_lock(scene)

    only_second = again(scene.songmake, "manifests/second.yaml")

    assert only_second.code == 0, only_second.said
    assert (scene.outputs / "second/01-two.mp3").exists()
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 1
    assert published(scene.outputs) == before


def test_a_renamed_manifest_buys_nothing_on_a_new_machine(scene: Scene) -> None:
    scene.manifest(songs(2))
    assert scene.render_here() == ExitCode.OK
    forget_everything_but_the_lock(scene)
    (scene.project / "manifests/album.yaml").rename(scene.project / "manifests/renamed.yaml")

    assert scene.render_here() == ExitCode.OK

    assert scene.ledger.posts == 2
    assert {row["album"] for row in lock_of(scene, "renamed")["attempts"]} == {"album"}
    scene.lock.unlink()
    forget_everything_but_the_lock(scene)
    assert scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2


def test_a_renamed_manifest_still_belongs_to_the_journal_that_buys_for_it(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    forget_everything_but_the_lock(scene)
    scene.manifest(songs(2)).rename(scene.project / "manifests/renamed.yaml")

    assert scene.render_here() == scene.render_here() == ExitCode.DAMAGED
    assert scene.ledger.posts == 1
    assert scene.render_here(is_taking_over=True) == scene.render_here() == ExitCode.OK
    assert scene.ledger.posts == 2


def changed_lines(before: str, after: str) -> int:
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return sum(line[0] in "+-" and line[:3] not in ("+++", "---") for line in found)


def days(chance: Random) -> list[dict[str, Any]]:
    """Manifests of some days: each is made of songs that were all bought on the first."""
    first = {**songs(4), "coda": song("Coda", prompt="slow piano", takes=2)}
    names = list(first)
    found = []
    for _ in range(6):
        today = {name: dict(first[name]) for name in names}
        kind = chance.choice(("reorder", "remove", "swap", "retitle", "rename", "fewer"))
        if kind == "reorder":
            shuffled = chance.sample(names, len(names))
            today = {name: today[name] for name in shuffled}
        elif kind == "remove":
            del today[chance.choice(names)]
        elif kind == "swap":
            today["song-1"], today["song-2"] = today["song-2"], today["song-1"]
        elif kind == "retitle":
            today["song-3"]["title"] = chance.choice(("No", "00:30"))
        elif kind == "rename":
            today = {f"new-{name}" if name == "song-4" else name: today[name] for name in today}
        else:
            today["coda"]["takes"] = 1
        found.append(today)
    return [first, *found, first]


def live(scene: Scene, *, seed: int, is_forgetful: bool) -> None:
    """One edit buys one song and changes few lines; the rest is free, with or without a journal."""
    chance = Random(seed)
    first, *others = days(chance)
    scene.manifest(first)
    assert scene.render_here() == ExitCode.OK
    edited = {**first, "song-2": {**first["song-2"], "lyrics": "[Verse]\nA second thought"}}
    before = scene.lock.read_text(encoding="utf-8")
    scene.manifest(edited)
    assert scene.render_here() == ExitCode.OK
    assert 0 < changed_lines(before, scene.lock.read_text(encoding="utf-8")) <= 10
    posts = scene.ledger.posts
    assert posts == 7
    for today in others:
        before = scene.lock.read_text(encoding="utf-8")
        if is_forgetful:
            forget_journal(scene)
        scene.manifest(today)
        assert scene.render_here() == ExitCode.OK
        assert scene.lock.read_text(encoding="utf-8") == before
    assert scene.ledger.posts == posts
    scene.assert_nothing_was_bought_twice()


@pytest.mark.parametrize("is_forgetful", [False, True], ids=["journal", "no-journal"])
def test_moving_songs_about_buys_nothing_and_changes_no_lock(
    scene: Scene, is_forgetful: bool
) -> None:
    live(scene, seed=1, is_forgetful=is_forgetful)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(40))
def test_many_days_without_a_journal_buy_nothing(scene: Scene, seed: int) -> None:
    live(scene, seed=seed, is_forgetful=bool(seed % 2))


def kill_and_forget(scene: Scene, *, seed: int, kills: int) -> None:
    """Kills, each followed by the loss of the journal: lock and log bring everything back."""
    chance = Random(seed)
    scene.manifest(songs(5))
    scene.vendor.set(seconds=0.3, answer_latency_s=0.1)
    for _ in range(kills):
        scene.kill_at_random(chance, "-j", "8", "--take-over")
        forget_journal(scene)
    scene.vendor.set(answer_latency_s=0.0)
    for _ in range(4):
        scene.let_time_pass()
        code = scene.render_here(is_taking_over=True)
        if code == ExitCode.OK:
            break
        assert code == ExitCode.IN_DOUBT
        arrived = {one.client_request_id for one in scene.ledger.accepted}
        for row in scene.attempts():
            if row["state"] == "in_doubt" and row["client_request_id"] not in arrived:
                words = ("settle", row["client_request_id"], "--not-charged")
                assert inside(scene.songmake, *words).code == 0
    assert set(scene.songmake.states().values()) == {"published"}
    assert len(scene.ledger.accepted) == 5
    scene.assert_nothing_was_bought_twice()


def test_kills_that_cost_the_journal_too_buy_nothing_twice(scene: Scene) -> None:
    kill_and_forget(scene, seed=4, kills=2)


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(200, 240))
def test_many_kills_that_cost_the_journal_buy_nothing_twice(scene: Scene, seed: int) -> None:
    kill_and_forget(scene, seed=seed, kills=3)


def test_the_lock_is_found_by_its_manifest_wherever_one_stands(scene: Scene) -> None:
    scene.manifest(songs(1))
    assert scene.render_here() == ExitCode.OK
    forget_journal(scene)
    remove_folder(scene.outputs)
    elsewhere = scene.project / "deep" / "down"
    elsewhere.mkdir(parents=True)
    there = Songmake(project=elsewhere, environment=scene.vendor.environment)
    assert inside(there, "render", "../../manifests", "--yes").code == 0
    assert scene.ledger.posts == 1
