from pipeline.core.purchase.attempt import State
from pipeline.core.wanted.album import SongId
from pipeline.core.wanted.kinship import kin_note, kinship
from tests.builders import LYRICS, a_request, a_song, an_album, takes_of
from tests.core.attempts import attempt_at

WALTZ = a_request(prompt="a slow waltz")
OTHER = a_request(prompt="a fast polka", lyrics="[Verse]\nNothing of the kind")


def bought(name: str, request, title: str = "Some title", state: State = State.STORED):
    (take,) = takes_of(an_album([a_song(name, request=request, title=title)]))
    return attempt_at(take, state)


def note(new, attempts, *others) -> str | None:
    album = an_album([new, *others])
    takes = takes_of(album)
    return kin_note(takes[0], kinship([album], attempts, takes))


def test_a_new_song_is_told_which_removed_one_it_shares_a_text_with():
    new = a_song("new", request=WALTZ)
    told = note(new, [bought("far", OTHER), bought("near", a_request())])
    assert told == (
        "like removed near but for prompt (moved_from: near keeps its history; the price stays)"
    )


def test_the_title_alone_makes_kin_too_and_nothing_shared_makes_none():
    new = a_song("new", request=WALTZ, title="Same")
    assert "like removed far but for lyrics, prompt" in (
        note(new, [bought("far", OTHER, title="Same")]) or ""
    )
    assert note(new, [bought("far", OTHER)]) is None


def test_songs_that_are_there_continued_used_again_or_without_audio_are_no_kin():
    new = a_song("new", request=WALTZ)
    old = bought("old", a_request())
    assert note(new, [old], a_song("old", number=2, request=OTHER)) is None
    continued = a_song("third", number=2, request=OTHER, moved_from=(SongId("old"),))
    assert note(new, [old], continued) is None
    assert note(new, [old], a_song("third", number=2, request=a_request())) is None
    assert note(new, [bought("old", a_request(), state=State.FAILED)]) is None


def test_an_old_id_that_was_never_bought_is_told():
    new = a_song("new", request=WALTZ, moved_from=(SongId("odl"),))
    assert note(new, [bought("old", a_request(lyrics=LYRICS))]) == (
        "moved_from: the journal knows no odl"
    )
