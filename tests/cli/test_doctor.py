"""``songmake doctor`` on sound set-ups and on broken ones."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipeline.adapters.run_lock import run_lock
from tests.bucket import BucketStoreAt
from tests.builders import song, songs, write_manifest
from tests.cli.seeing import files, inside, printed
from tests.command import Ended, Songmake
from tests.vendor.client import Vendor

HOLDER = {"pid": 4711, "who": "ada", "host": "studio", "since": "2026-08-01T09:30:00.000Z"}


def examined(shop: Songmake, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code and the checks by name, out of a valid document."""
    ended: Ended = inside(shop, "doctor", "--json", *words)
    document = printed(ended, "doctor")
    assert document["exit_code"] == ended.code
    return ended.code, {check["check"]: check for check in document["checks"]}


def verdicts(checks: dict[str, dict[str, str]]) -> dict[str, str]:
    """What is not as it should be."""
    fine = ("ok", "skip")
    return {
        name: check["verdict"] for name, check in checks.items() if check["verdict"] not in fine
    }


def seen(shop: Songmake) -> dict[str, bytes]:
    """The project's files, but the two that SQLite keeps beside a journal that is read."""
    found = files(shop.project)
    return {name: text for name, text in found.items() if not name.endswith(("-shm", "-wal"))}


def test_an_empty_folder_is_fine_and_stays_empty(tmp_path: Path):
    folder = tmp_path / "empty"
    folder.mkdir()
    shop = Songmake(project=folder, environment={"SHELL": "/usr/bin/fish"})
    code, checks = examined(shop)
    assert (code, verdicts(checks)) == (0, {"manifests": "warn"})
    assert checks["manifests"]["hint"] == "songmake init"
    assert checks["completion"]["hint"] == "songmake completion fish --help"
    assert list(folder.iterdir()) == []


def test_a_sound_set_up_asks_one_free_question_and_changes_nothing(
    bought: Songmake, vendor: Vendor
):
    before = seen(bought)
    ended = inside(bought, "doctor")
    assert ended.code == 0, ended.said
    assert "ok    journal           sound, 3 attempts\n" in ended.out
    assert "ok    lock files        1 in step with the journal\n" in ended.out
    assert "takes the key; balance $" in ended.out
    assert ended.out.endswith(" 0 failures, 0 warnings\n")
    assert all(len(line) <= 100 for line in ended.out.splitlines())
    assert vendor.environment["AIMLAPI_KEY"] not in ended.said
    assert [one.kind for one in vendor.ledger().requests] == ["billing"]
    assert seen(bought) == before


def test_offline_nobody_is_asked(bought: Songmake, vendor: Vendor):
    code, checks = examined(bought, "--offline")
    assert (code, checks["provider"]["verdict"]) == (0, "skip")
    assert vendor.ledger().requests == ()


def test_a_key_that_is_missing_or_refused_is_told_before_anything_is_bought(
    bought: Songmake, vendor: Vendor
):
    url = {"AIMLAPI_BASE_URL": bought.environment["AIMLAPI_BASE_URL"]}
    code, checks = examined(replace(bought, environment=url))
    assert (code, verdicts(checks)) == (2, {"key": "fail"})
    vendor.reset()
    vendor.fault("billing", "401")
    code, checks = examined(bought)
    assert (code, verdicts(checks)) == (1, {"provider": "fail"})
    gone = {**bought.environment, "AIMLAPI_BASE_URL": "http://127.0.0.1:9"}
    code, checks = examined(replace(bought, environment=gone))
    assert (code, verdicts(checks)) == (6, {"provider": "fail"})


def test_manifests_that_do_not_hold_are_told_with_their_place(bought: Songmake):
    write_manifest(bought.project, {"one": song(promt="x")})
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (2, {"manifests": "fail"})
    assert checks["manifests"]["message"].startswith("manifests/album.yaml:")
    assert checks["manifests"]["hint"] == "songmake validate"


def test_a_broken_journal_is_one_finding_and_the_rest_is_looked_at(bought: Songmake):
    journal = bought.project / ".songmake" / "journal.sqlite3"
    journal.write_bytes(b"not a database" * 1000)
    for name in ("journal.sqlite3-wal", "journal.sqlite3-shm"):
        (bought.project / ".songmake" / name).unlink(missing_ok=True)
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (7, {"journal": "fail"})
    assert "restore journal.sqlite3" in checks["journal"]["hint"]
    assert "1 can be read; the journal cannot" in checks["lock files"]["message"]
    assert journal.read_bytes() == b"not a database" * 1000


def test_a_run_at_work_is_named_and_not_disturbed(bought: Songmake):
    state = bought.project / ".songmake"
    (state / "run.lock").write_text(json.dumps(HOLDER), encoding="utf-8")
    assert verdicts(examined(bought, "--offline")[1]) == {}  # a name that a killed run left
    with run_lock(state, holder=HOLDER):
        code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (0, {"run lock": "warn"})
    assert "process 4711 of ada on studio" in checks["run lock"]["message"]


def test_records_that_disagree_are_told_with_their_mend(bought: Songmake):
    lock = bought.project / "manifests" / "album.lock.json"
    text = lock.read_text(encoding="utf-8")
    lock.unlink()
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (0, {"lock files": "warn"})
    assert checks["lock files"]["hint"] == "songmake report"
    lock.write_text(text.replace('"album"', '"albun"', 1), encoding="utf-8")
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (7, {"lock files": "fail"})


def test_a_store_that_lost_everything_is_told(bought: Songmake):
    (bought.project / ".songmake" / "store").rename(bought.project / "elsewhere")
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (7, {"store": "fail"})
    code, checks = examined(bought, "--offline", "--store", "elsewhere")
    assert (code, verdicts(checks)) == (0, {})


def test_a_bucket_is_asked_and_left_as_it_was(bought: Songmake, bucket: BucketStoreAt):
    shop = replace(bought, environment={**bought.environment, **bucket.environment})
    empty = shop.project / "new"
    (empty / ".git").mkdir(parents=True)
    write_manifest(empty, songs(1))
    new = replace(shop, project=empty)
    code, checks = examined(new, "--store", bucket.url)
    assert (code, checks["store"]["message"]) == (0, f"{bucket.url} is empty")
    wrong = {**new.environment, "AWS_SECRET_ACCESS_KEY": "wrong"}
    code, checks = examined(replace(new, environment=wrong), "--store", bucket.url)
    assert (code, verdicts(checks)) == (1, {"store": "fail"})
    assert examined(new, "--store", bucket.url, "--offline")[1]["store"]["verdict"] == "skip"


def test_folders_that_cannot_be_worked_in_are_told(bought: Songmake):
    (bought.project / "file").write_text("", encoding="utf-8")
    code, checks = examined(bought, "--offline", "--output", "file/outputs")
    assert (code, verdicts(checks)) == (1, {"outputs folder": "fail"})
    assert "--output DIR" in checks["outputs folder"]["hint"]


def test_an_older_copy_of_the_schema_is_told_to_editors(bought: Songmake):
    copy = bought.project / "manifests" / "album.schema.json"
    copy.write_text("{}", encoding="utf-8")
    code, checks = examined(bought, "--offline")
    assert (code, verdicts(checks)) == (0, {"editor": "warn"})
    assert checks["editor"]["hint"] == "songmake schema > manifests/album.schema.json"


class LateClock(BaseHTTPRequestHandler):
    """A provider whose clock is a day behind."""

    def do_GET(self) -> None:
        body = b'{"current_balance": 12.5, "currency": "USD"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return "Sat, 01 Aug 2026 09:30:00 GMT"

    def log_message(self, *words: object) -> None:
        return


@pytest.fixture
def late() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), LateClock) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_clock_that_is_far_off_is_told_from_the_answer_s_date(bought: Songmake, late: str):
    shop = replace(bought, environment={**bought.environment, "AIMLAPI_BASE_URL": late})
    code, checks = examined(shop)
    assert (code, verdicts(checks)) == (1, {"clock": "fail"})
    assert "balance $12.50" in checks["provider"]["message"]


def test_completion_is_found_in_the_shell_s_start_file(bought: Songmake):
    home = Path(os.environ["HOME"])
    (home / ".bashrc").write_text('eval "$(songmake completion bash)"\n', encoding="utf-8")
    shop = replace(bought, environment={**bought.environment, "SHELL": "/bin/bash"})
    assert examined(shop, "--offline")[1]["completion"]["message"] == "set up in bash"
