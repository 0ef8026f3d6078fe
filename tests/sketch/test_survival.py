from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import SketchUnavailable
from pipeline.sketch.jobs import JobFolder
from pipeline.sketch.serve import serve
from tests.sketch.running import CLIENT, Running, is_alive, running, spawn, workers_of

LONG = {
    "lyrics": "[Verse]\n" + "a line of words to sing tonight\n" * 24,
    "prompt": "slow rock 80 bpm",
}


def until(condition: object, *, within_s: float) -> bool:
    assert callable(condition)
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def answer_to_poll(server: Running, generation_id: str) -> tuple[int, str]:
    asked = {"generation_id": generation_id}
    answer = server.call("GET", "/v2/generate/audio", params=asked)
    return answer.status_code, answer.text


def test_a_killed_server_loses_no_job_and_renders_the_same_song(tmp_path: Path) -> None:
    request_id = "sm1." + "a" * 32 + ".1.first"
    with running(tmp_path) as first:
        done = first.submit(request_id)
        audio = CLIENT.get(first.finished(done)["audio_file"]["url"]).content
        left = [first.submit(request_id.replace("first", "second")), first.submit()]
        first.process.kill()
        first.process.wait(5)
    with running(tmp_path) as second:
        again = [CLIENT.get(second.finished(job)["audio_file"]["url"]).content for job in left]
        assert again[0] == audio
        assert again[1] != audio
        assert second.poll(done)["status"] == "completed"
        assert second.call("GET", "/v2/logs?period=1h").json()["pagination"]["total"] == 3


def test_server_and_workers_end_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent_code = (
        "import sys; from pathlib import Path; from tests.sketch.running import spawn; "
        "child = spawn(Path(sys.argv[1])); "
        "print(child.pid, child.stdout.readline(), end='', flush=True); child.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", parent_code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        pid, url = parent.stdout.readline().split()
        answer = CLIENT.post(
            f"{url}/v2/generate/audio",
            json={"model": "minimax/music-2.6"} | LONG,
            headers={"authorization": "Bearer a-key-for-tests"},
        )
        assert answer.status_code == 200
        assert until(lambda: workers_of(tmp_path), within_s=20)
        parent.kill()
        assert until(lambda: not is_alive(int(pid)), within_s=1)
        assert until(lambda: not workers_of(tmp_path), within_s=1)
    assert not list(tmp_path.glob("*.end.json"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_server_and_workers_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as server:
        server.submit(**LONG)
        assert until(lambda: workers_of(tmp_path), within_s=20)
        os.kill(server.process.pid, number)
        assert server.process.wait(3) == 0
        assert until(lambda: not workers_of(tmp_path), within_s=1)
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""


def test_a_second_server_on_the_same_jobs_refuses(tmp_path: Path) -> None:
    with running(tmp_path), spawn(tmp_path) as second:
        assert second.wait(10) == 1
        assert second.stderr is not None
        assert "SketchUnavailable" in second.stderr.read()


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with running(tmp_path / "one") as first:
        port = int(first.url.rpartition(":")[2])
        with spawn(tmp_path / "two", port=port) as second:
            assert second.wait(10) == 1
            assert second.stderr is not None
            assert "cannot listen" in second.stderr.read()


def test_a_record_that_is_damaged_is_named(tmp_path: Path) -> None:
    broken = tmp_path / f"{'x' * 21}.job.json"
    broken.write_text("{")
    with pytest.raises(SketchUnavailable, match=broken.name):
        JobFolder(tmp_path).load_jobs()


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SketchUnavailable):
        serve(
            host="127.0.0.1",
            port=0,
            jobs_dir=tmp_path / "file" / "jobs",
            api_key=None,
            price_usd=Decimal(0),
            parent_pipe=False,
            announce=print,
        )


def test_without_the_extra_the_way_to_install_it_is_told(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['lameenc'] = None\n"
        "from decimal import Decimal; from pathlib import Path\n"
        "from pipeline.errors import ExtraMissing; from pipeline.sketch.serve import serve\n"
        "try:\n"
        "    serve(host='127.0.0.1', port=0, jobs_dir=Path(sys.argv[1]), api_key=None,\n"
        "          price_usd=Decimal(0), parent_pipe=False, announce=print)\n"
        "except ExtraMissing as error:\n"
        "    print(error.message, error.hint, sep='|')\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout == "the sketch engine needs lameenc|pip install 'songmake[sketch]'\n"


def test_a_job_waits_while_its_audio_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "jobs"
    with running(folder) as server:
        # Files of at most 100 kB from here on: records fit, a song does not.
        resource.prlimit(
            server.process.pid, resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY)
        )
        job = server.submit()
        assert until(lambda: workers_of(folder), within_s=20)
        assert until(lambda: not workers_of(folder), within_s=60)
        assert until(lambda: "File too large" in answer_to_poll(server, job)[1], within_s=20)
        assert answer_to_poll(server, job)[0] == 507
        assert not list(folder.glob("*.part"))
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert until(lambda: answer_to_poll(server, job)[0] == 200, within_s=60)
        assert server.finished(job)["status"] == "completed"


def test_a_killed_worker_costs_time_but_no_job(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        job = server.submit()
        assert until(lambda: server.poll(job)["status"] == "generating", within_s=20)
        for worker in workers_of(tmp_path):
            os.kill(worker, signal.SIGKILL)
        audio = CLIENT.get(server.finished(job)["audio_file"]["url"]).content
        # The same words again, from a worker that has rendered before.
        (veteran,) = workers_of(tmp_path)
        again = server.submit()
        assert CLIENT.get(server.finished(again)["audio_file"]["url"]).content == audio
        assert veteran in workers_of(tmp_path)


def test_a_worker_that_only_ever_dies_is_not_hired_for_ever(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        job = server.submit()
        for _ in range(3):
            assert until(lambda: workers_of(tmp_path), within_s=20)
            doomed = workers_of(tmp_path)
            for worker in doomed:
                os.kill(worker, signal.SIGKILL)
            assert until(lambda: not workers_of(tmp_path) & doomed, within_s=5)  # noqa: B023
        told = server.finished(job)
        assert (told["status"], told["error"]["name"]) == ("error", "generation_failed")


def test_starting_does_not_load_the_synthesiser(tmp_path: Path) -> None:
    code = (
        "import sys, pipeline.sketch.serve, pipeline.sketch.server; print('numpy' in sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "False"


def test_the_key_is_in_no_file_and_no_output(tmp_path: Path) -> None:
    with running(tmp_path, key="very-secret-key") as server:
        server.finished(server.submit())
        os.kill(server.process.pid, signal.SIGTERM)
        output = server.process.communicate(timeout=5)
    assert output == ("", "")
    assert not [path for path in tmp_path.iterdir() if b"very-secret" in path.read_bytes()]
