"""The wheel, as it is installed by people who never see the checkout."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.command import ROOT

# hatchling builds the wheel here, in this environment: nothing is downloaded.
BUILD = ("wheel", str(ROOT), "--no-deps", "--no-build-isolation", "--quiet", "--no-index")
WITHOUT_CHECKOUT = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}


def ran(*words: str | Path, folder: Path) -> str:
    ended = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=WITHOUT_CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_an_installed_wheel_works_without_the_checkout(tmp_path: Path):
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    ran(*pip, *BUILD, "--wheel-dir", tmp_path / "dist", folder=tmp_path)
    (wheel,) = (tmp_path / "dist").glob("songmake-*.whl")
    installed = tmp_path / "installed"
    ran(*pip, "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
        "--target", installed, wheel, folder=tmp_path)  # fmt: skip
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "album.yaml").write_text(
        'album: {title: "One"}\nsongs:\n  one:\n    title: "One"\n    prompt: a quiet waltz\n'
        '    lyrics: "[Verse]\\nla la la la"\n',
        encoding="utf-8",
    )
    # The interpreter's own packages, then the wheel; the checkout is on no path.
    packages = sysconfig.get_paths()["purelib"]
    start = (
        f"import sys; sys.path[:0] = [{str(installed)!r}, {packages!r}]; "
        "import pipeline; from pathlib import Path; "
        f"assert Path(pipeline.__file__).is_relative_to({str(installed)!r}), pipeline.__file__; "
        "from pipeline.cli.main import main; main()"
    )
    command = (sys.executable, "-I", "-S", "-c", start)
    assert "valid: 1 song, 1 take" in ran(*command, "validate", "album.yaml", folder=empty)
    assert "1 take: 1 buy" in ran(*command, "plan", "album.yaml", folder=empty)
    assert '"songmake album manifest"' in ran(*command, "schema", folder=empty)
    assert "3 songs, 4 takes" in ran(*command, "init", "new", folder=empty)
    assert (empty / "new" / "manifests" / "album.schema.json").exists()
    assert (installed / "pipeline" / "cli" / "completion_table.json").exists()
    assert (installed / "bin" / "songmake").exists()
    assert (installed / "pipeline" / "schemas" / "cost-report.schema.json").exists()
    assert (installed / "pipeline" / "adapters" / "journal" / "sql" / "queries.sql").exists()
