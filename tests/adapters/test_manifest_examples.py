from pathlib import Path

import pytest

from pipeline.adapters.manifest import LoadedManifest, find_manifests, load_manifest
from pipeline.core.findings.diagnostic_text import render_diagnostic
from tests.adapters.manifest_files import PROFILES

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "tests" / "examples"


def load(path: Path) -> LoadedManifest:
    return load_manifest(path, profiles=PROFILES, provider=None, shown_as=path.name)


def rendered(loaded: LoadedManifest) -> str:
    return "".join(f"{render_diagnostic(each)}\n" for each in loaded.diagnostics)


def expected(path: Path) -> str:
    beside = path.with_name(f"{path.name}.expected")
    return beside.read_text() if beside.exists() else ""


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("valid/*.yaml")), ids=lambda path: path.name)
def test_a_valid_example_is_an_album_with_the_warnings_beside_it(path: Path):
    loaded = load(path)
    assert rendered(loaded) == expected(path)
    assert loaded.album is not None


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("invalid/*.yaml")), ids=lambda path: path.name
)
def test_an_invalid_example_has_exactly_the_findings_beside_it(path: Path):
    loaded = load(path)
    assert expected(path)
    assert rendered(loaded) == expected(path)
    assert loaded.album is None


@pytest.mark.parametrize("path", find_manifests([ROOT / "manifests"]), ids=lambda path: path.name)
def test_the_albums_that_are_shipped_have_no_findings(path: Path):
    loaded = load(path)
    assert rendered(loaded) == ""
    assert loaded.album is not None
