"""What is answered before anything is loaded is what the whole program would have said."""

import os
import subprocess
import sys
from pathlib import Path

from pipeline.cli.entry import HELP_FOLDER, static_text
from pipeline.cli.help_texts import help_texts
from tests.command import ROOT

LOADED = """
import sys
from pipeline.cli.entry import main
try:
    main()
finally:
    print("click" in sys.modules, file=sys.stderr)
"""


COLLECTING = """
import gc, click
from pipeline.cli.entry import main
echo = click.echo
click.echo = lambda *words, **how: echo(gc.isenabled())
main()
"""


def ran(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"], **environment}
    command = (sys.executable, "-c", LOADED, *words)
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)


def test_the_static_help_is_what_the_commands_print():
    found = {path: path.read_text(encoding="utf-8") for path in Path(HELP_FOLDER).glob("*.txt")}
    assert found == help_texts(), "make reference"


def test_help_loads_nothing_and_another_width_is_clicks():
    quick, whole = ran("render", "--help"), ran("render", "--help", COLUMNS="80")
    assert (quick.stdout, quick.returncode) == (whole.stdout, whole.returncode)
    assert quick.stderr == "False\n"
    assert whole.stderr == "True\n"
    assert ran("render", "--help", COLUMNS="60").stdout != quick.stdout


def test_the_version_loads_nothing_and_is_clicks():
    quick, whole = ran("--version"), ran("--version", COLUMNS="80")
    assert quick.stdout == whole.stdout
    assert (quick.stderr, whole.stderr) == ("False\n", "True\n")


def test_a_command_runs_with_the_collector_on():
    surroundings = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    command = (sys.executable, "-c", COLLECTING, "schema")
    ended = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n"


def test_words_that_are_no_command_reach_no_file():
    assert static_text(["../../x", "--help"]) is None
    assert static_text(["nonsense", "--help"]) is None
    assert static_text(["render", "--help", "x"]) is None


def test_help_into_a_full_disk_says_so():
    with Path("/dev/full").open("w") as full:
        command = (sys.executable, "-m", "pipeline", "--help")
        ended = subprocess.run(
            command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr


def test_the_exit_code_is_the_command_s_where_not_even_the_error_can_be_written():
    with Path("/dev/full").open("w") as full:
        command = (sys.executable, "-m", "pipeline", "statsu")
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=full, check=False)
    assert ended.returncode == 2
