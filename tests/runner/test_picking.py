"""What may happen beside songmake between its reading and its writing."""

from pathlib import Path

import pytest

from pipeline.adapters.manifest.schema_files import load_profiles
from pipeline.core.wanted.picks import pick_of_word
from pipeline.errors import ManifestChanged
from pipeline.runner.picking import Picking, prepare_picks, write_picks
from pipeline.runner.reading import load_manifests
from tests.builders import LYRICS, song, write_manifest


def prepared(project: Path, *, lyrics: str = LYRICS) -> Picking:
    words = project / "manifests" / "words.txt"
    words.write_text(LYRICS)
    path = write_manifest(project, {"coda": song(takes=3, lyrics={"file": "words.txt"})})
    profiles = load_profiles()
    manifests = load_manifests([path], profiles, provider=None)
    words.write_text(lyrics)
    return prepare_picks([pick_of_word("coda#2")], manifests, profiles)


def test_preparing_writes_nothing_and_writing_does(project: Path):
    picking = prepared(project)
    (rewrite,) = picking.rewrites
    assert rewrite.path.read_text() == rewrite.before
    write_picks(picking)
    assert rewrite.path.read_text() == rewrite.after


def test_an_edit_that_would_say_more_than_a_pick_is_not_written(project: Path):
    picking = prepared(project, lyrics=LYRICS + "\nand another line")
    assert picking.rewrites == ()
    (finding,) = picking.findings
    assert finding.message == "writing the pick of coda would change more than that"


def test_a_manifest_that_somebody_edits_meanwhile_keeps_their_edit(project: Path):
    picking = prepared(project)
    (rewrite,) = picking.rewrites
    theirs = rewrite.before.replace("An album", "Another")
    rewrite.path.write_text(theirs)
    with pytest.raises(ManifestChanged):
        write_picks(picking)
    assert rewrite.path.read_text() == theirs
