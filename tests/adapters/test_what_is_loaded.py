"""What comes along with the libraries that a run needs."""

import subprocess
import sys

LOADING = """
import importlib.util, sys
import pipeline.adapters.aimlapi.client
assert importlib.util.find_spec("rich"), "the development environment has it"
print([name for name in ("rich", "pygments", "click") if name in sys.modules])
"""


def test_talking_to_the_api_loads_nothing_that_paints_a_terminal():
    loaded = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout) == (0, "[]\n"), loaded.stderr
