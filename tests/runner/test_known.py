"""What a run knows of its journal is read again as soon as anybody wrote, and not before."""

from contextlib import closing
from pathlib import Path

import pytest

from pipeline.adapters.journal.opening import open_beside
from pipeline.core.purchase.attempt import State
from pipeline.runner.outputs.known import Known, known_in, known_now
from pipeline.runner.workspace import Folders, Workspace
from tests.adapters.journals import LATER, open_at, submit, takes
from tests.builders import PROFILE, a_request, a_song, an_album, takes_of

ALBUM = an_album([a_song("s1", request=a_request(prompt="waltz number 1"))])


def states(known: Known) -> list[State]:
    return [attempt.state for attempt in known.attempts]


@pytest.mark.parametrize("is_beside", [False, True])
def test_a_journal_is_read_again_once_it_was_written_by_whatever_connection(
    tmp_path: Path, is_beside: bool
):
    workspace = Workspace(
        albums=(ALBUM,),
        takes=takes_of(ALBUM),
        folders=Folders(state=tmp_path, outputs=tmp_path / "outputs"),
        profiles={PROFILE.key: PROFILE},
    )
    with closing(open_at(tmp_path)) as journal:
        crid = submit(journal, takes(1)[0], "g1")
        known = known_in(journal, workspace)
        assert known_now(known, journal, workspace) is known
        with closing(open_beside(journal)) as beside:
            writer = beside if is_beside else journal
            writer.record_ready(crid, at=LATER)
        now = known_now(known, journal, workspace)
    assert (states(known), states(now)) == ([State.SUBMITTED], [State.READY])
    assert [attempt.state for attempt in now.ledger.attempts(takes(1)[0])] == [State.READY]
