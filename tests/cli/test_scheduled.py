"""The examples of ``docs/scheduled`` do what they say: they are run, not only read."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import songs, write_manifest
from tests.cli.seeing import files, inside, tracks
from tests.command import ROOT, Songmake
from tests.vendor.client import Vendor

EXAMPLES = ROOT / "docs" / "scheduled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A place where a workflow's ``run`` steps are run, and what they leave."""

    shop: Songmake
    temp: Path
    outputs: dict[str, str]

    def run(self, script: str, environment: dict[str, str]) -> int:
        """One step as GitHub runs it: a file for ``bash -eo pipefail``."""
        told = self.temp / "github-output"
        told.write_text("", encoding="utf-8")
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.shop.project,
            env={
                **os.environ,
                **self.shop.environment,
                "PATH": f"{with_songmake(self.temp)}{os.pathsep}{os.environ['PATH']}",
                "GITHUB_OUTPUT": str(told),
                "RUNNER_TEMP": str(self.temp),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        for line in told.read_text(encoding="utf-8").splitlines():
            name, _, text = line.partition("=")
            self.outputs[name] = text
        assert "Traceback" not in ended.stderr, ended.stderr
        return ended.returncode


def with_songmake(folder: Path) -> Path:
    """A folder for PATH in which the command is."""
    command = folder / "bin" / "songmake"
    if not command.exists():
        command.parent.mkdir(parents=True)
        call = shlex.join([sys.executable, "-m", "pipeline"])
        command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {call} "$@"\n', encoding="utf-8")
        command.chmod(0o755)
    return command.parent


def workflow() -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((EXAMPLES / "album.yml").read_text(encoding="utf-8"))
    return found


def work(runner: Runner) -> dict[str, int]:
    """Every ``run`` step but the installation; name to exit code, up to the first that fails."""
    codes: dict[str, int] = {}
    for step in workflow()["jobs"]["render"]["steps"]:
        if "run" not in step or step["name"] == "Install":
            continue
        environment = {
            name: re.sub(
                r"\$\{\{ steps\.render\.outputs\.(\w+) \}\}",
                lambda found: runner.outputs[found[1]],
                text,
            )
            for name, text in step.get("env", {}).items()
        }
        codes[step["name"]] = runner.run(step["run"], environment)
        if codes[step["name"]]:
            break
    return codes


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "init.defaultBranch=main")
    ended = subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return ended.stdout


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with one album of two songs."""
    made = tmp_path / "made"
    write_manifest(made, songs(2))
    git(made, "init", "--quiet")
    git(made, "add", "manifests")
    git(made, "commit", "--quiet", "-m", "An album")
    git(tmp_path, "clone", "--quiet", "--bare", "made", "origin.git")
    return tmp_path / "origin.git"


def a_runner(shop: Songmake, origin: Path, name: str) -> Runner:
    """A fresh clone on a fresh machine."""
    project = origin.parent / name
    git(origin.parent, "clone", "--quiet", "origin.git", name)
    temp = origin.parent / f"{name}-temp"
    temp.mkdir()
    return Runner(shop=replace(shop, project=project), temp=temp, outputs={})


def test_the_workflow_submits_one_night_and_collects_the_next(
    shop: Songmake, origin: Path, vendor: Vendor
):
    vendor.set(seconds=60.0)
    first = a_runner(shop, origin, "first")
    assert set(work(first).values()) == {0}
    assert first.outputs["code"] == "6"
    assert len(vendor.ledger().accepted) == 2
    assert "lock.json" in git(origin, "ls-tree", "-r", "--name-only", "HEAD")

    vendor.set(seconds=0.0)
    second = a_runner(shop, origin, "second")  # its cache is empty: the lock is all it has
    assert set(work(second).values()) == {0}
    assert second.outputs["code"] == "0"
    assert len(vendor.ledger().accepted) == 2
    assert len(tracks(second.shop)) == 2
    handed_over = files(second.temp / "outputs")
    own = files(second.shop.project / "outputs")
    assert {name: text for name, text in handed_over.items() if name != "summary.json"} == {
        name: text for name, text in own.items() if name != "summary.json"
    }

    third = a_runner(shop, origin, "third")
    before = git(origin, "rev-parse", "HEAD")
    shutil.copytree(second.shop.project / ".songmake", third.shop.project / ".songmake")
    assert set(work(third).values()) == {0}
    assert git(origin, "rev-parse", "HEAD") == before, "nothing changed, nothing is committed"
    assert len(vendor.ledger().accepted) == 2


def test_what_a_killed_run_left_beside_its_lock_is_committed_until_it_is_folded_in(
    shop: Songmake, origin: Path
):
    steps = workflow()["jobs"]["render"]["steps"]
    commit = next(step["run"] for step in steps if step.get("name") == "Commit the lock")
    runner = a_runner(shop, origin, "killed")
    manifests = runner.shop.project / "manifests"
    for name in ("album.lock.json", "album.lock.json.tail"):
        (manifests / name).write_text("{}\n")
    assert runner.run(commit, {}) == 0
    assert "lock.json.tail" in git(origin, "ls-tree", "-r", "--name-only", "HEAD")
    (manifests / "album.lock.json.tail").unlink()
    assert runner.run(commit, {}) == 0
    assert "lock.json.tail" not in git(origin, "ls-tree", "-r", "--name-only", "HEAD")


def test_the_workflow_fails_where_a_runner_without_a_journal_would_buy(
    shop: Songmake, origin: Path, vendor: Vendor
):
    first = a_runner(shop, origin, "first")
    work(first)
    second = a_runner(shop, origin, "second")
    write_manifest(second.shop.project, songs(3))
    codes = work(second)
    assert second.outputs["code"] == "7"
    assert codes["Say how it went"] != 0
    assert codes["Commit the lock"] == codes["Rebuild from lock and store alone"] == 0
    assert len(vendor.ledger().accepted) == 2


def test_the_workflow_lets_no_two_runs_buy_and_names_real_steps():
    found = workflow()
    assert found["concurrency"]["cancel-in-progress"] is False
    assert found[True]["schedule"] == [{"cron": "17 3 * * *"}]  # YAML 1.1 reads “on” so
    assert cron_fields("17 3 * * *")
    steps = found["jobs"]["render"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert all(re.fullmatch(r"[\w./-]+@v\d+", step["uses"]) for step in steps if "uses" in step)


def cron_fields(line: str) -> bool:
    """Whether five fields are numbers within their bounds, or stars."""
    bounds = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    return all(
        field == "*" or least <= int(field) <= most
        for field, (least, most) in zip(line.split(), bounds, strict=True)
    )


def home_with_albums(shop: Songmake, home: Path, vendor: Vendor) -> Path:
    """A home as the examples expect it: ``albums`` with its ``.venv``, and the key's file."""
    (home / "albums" / ".venv").mkdir(parents=True)
    (home / "albums" / ".git").mkdir()
    shutil.copytree(shop.project / "manifests", home / "albums" / "manifests")
    (home / "albums" / ".venv" / "bin").symlink_to(with_songmake(home))
    settings = home / ".config" / "songmake" / "env"
    settings.parent.mkdir(parents=True)
    lines = [f"{name}={text}\n" for name, text in vendor.environment.items()]
    settings.write_text("".join(lines), encoding="utf-8")
    return home


def test_the_crontab_line_buys_an_album_in_a_bare_environment(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    write_manifest(shop.project, songs(1))
    home = home_with_albums(shop, tmp_path / "home", vendor)
    text = (EXAMPLES / "songmake.crontab").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if not line.startswith("#"))
    *times, command = line.split(maxsplit=5)
    assert cron_fields(" ".join(times))
    assert "%" not in command, "cron takes it for a line break"
    ended = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    assert (home / "albums" / "outputs" / "album" / "01-song-1.mp3").exists()
    assert len(vendor.ledger().accepted) == 1


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit file, ``Section.Name`` to what it is set to."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (EXAMPLES / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, text = line.partition("=")
            found.setdefault(f"{section}.{key}", []).append(text)
    return found


def test_the_service_runs_what_the_crontab_runs_and_takes_unfinished_for_success(
    shop: Songmake, vendor: Vendor, tmp_path: Path
):
    vendor.set(seconds=60.0)
    write_manifest(shop.project, songs(1))
    home = home_with_albums(shop, tmp_path / "home", vendor)
    service = unit("songmake.service")
    (command,) = service["Service.ExecStart"]
    assert service["Service.Type"] == ["oneshot"]
    ended = subprocess.run(
        [*shlex.split(command.replace("%h", str(home))), "--no-wait"],
        cwd=service["Service.WorkingDirectory"][0].replace("%h", str(home)),
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", **vendor.environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert [str(ended.returncode)] == service["Service.SuccessExitStatus"], ended.stderr
    assert service["Service.EnvironmentFile"] == ["%h/.config/songmake/env"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_finds_nothing_wrong_with_service_and_timer(tmp_path: Path):
    home = tmp_path / "home"
    (home / "albums").mkdir(parents=True)
    for name in ("songmake.service", "songmake.timer"):
        text = (EXAMPLES / name).read_text(encoding="utf-8").replace("%h", str(home))
        text = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text)
        (tmp_path / name).write_text(text, encoding="utf-8")
    ended = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "songmake.service", "songmake.timer"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    complaints = [line for line in ended.stderr.splitlines() if "songmake" in line]
    assert complaints == []
    (calendar,) = unit("songmake.timer")["Timer.OnCalendar"]
    ended = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True)
    assert ended.returncode == 0


def test_the_hook_refuses_a_manifest_that_does_not_hold(shop: Songmake):
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (hook["id"], hook["language"]) == ("songmake-validate", "python")
    command, *words = shlex.split(hook["entry"])
    assert (command, words) == ("songmake", ["validate"]), "it reads no state"
    assert hook["pass_filenames"] is False
    path = write_manifest(shop.project, songs(1))
    for touched in ("manifests/album.yaml", "manifests/lyrics/coda.txt"):
        assert re.search(hook["files"], touched)
    assert inside(shop, *words).code == 0
    path.write_text(path.read_text("utf-8").replace('"title"', '"titel"'), encoding="utf-8")
    assert inside(shop, *words).code == 2
