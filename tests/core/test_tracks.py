import dataclasses
from decimal import Decimal

import pytest

from pipeline.core.formats.picture import PictureKind
from pipeline.core.formats.tags import TrackTags
from pipeline.core.handover.tracks import (
    Publication,
    desired_tracks,
    initial_key,
    stale_publications,
)
from pipeline.core.purchase.attempt import State
from pipeline.core.sound.album_loudness import AlbumLoudness
from pipeline.core.sound.loudness import LoudnessHistogram
from pipeline.core.sound.measurement import Measurement
from pipeline.core.wanted.album import Album, Provider
from pipeline.core.wanted.cover import Cover
from tests.builders import a_request, a_song, an_album, an_attempt, an_audio, takes_of
from tests.core.attempts import attempt_at, checksum

SONGS = [
    a_song("streetlights", number=1, title="Streetlights"),
    a_song("coda", number=2, takes=3, pick=2, request=a_request(prompt="slow piano ending")),
]
ALBUM = an_album(SONGS, title="Small Hours", artist="The Night Bus")
TAKES = takes_of(ALBUM)
SOUNDING = {take.ref: attempt_at(take) for take in TAKES}


def tracks_of(album=ALBUM, takes=TAKES, sounding=SOUNDING, bought=frozenset()):
    return desired_tracks(album, takes, sounding, bought_songs=bought)


def test_picked_takes_are_numbered_tracks_and_the_others_lie_in_takes():
    assert [track.path for track in tracks_of()] == [
        "album/01-streetlights.mp3",
        "album/takes/coda.1.mp3",
        "album/02-coda.mp3",
        "album/takes/coda.3.mp3",
    ]


@pytest.mark.parametrize(
    ("count", "first"), [(1, "01-"), (99, "01-"), (100, "001-"), (1000, "0001-")]
)
def test_numbers_have_two_places_or_as_many_as_the_album_needs(count: int, first: str):
    album = an_album([a_song(f"s{number}", number=number) for number in range(1, count + 1)])
    takes = takes_of(album)[:1]
    (track,) = tracks_of(album, takes, {takes[0].ref: attempt_at(takes[0])})
    assert track.path == f"album/{first}s1.mp3"


def test_a_file_is_named_after_what_its_bytes_are():
    sounding = {
        TAKES[0].ref: attempt_at(TAKES[0], audio=an_audio(format="wav")),
    }
    (track,) = tracks_of(sounding=sounding)
    assert track.path == "album/01-streetlights.wav"


def test_a_take_without_audio_has_no_file():
    assert tracks_of(sounding={}) == ()


def test_a_pick_that_is_not_there_publishes_no_track():
    album = an_album([a_song("coda", takes=2, pick=5)])
    takes = takes_of(album)
    tracks = tracks_of(album, takes, {take.ref: attempt_at(take) for take in takes})
    assert [track.path for track in tracks] == ["album/takes/coda.1.mp3", "album/takes/coda.2.mp3"]


def test_a_sketch_of_a_bought_song_lies_aside():
    album = dataclasses.replace(ALBUM, provider=Provider.SKETCH)
    takes = takes_of(album)
    sounding = {take.ref: attempt_at(take) for take in takes}
    bought = frozenset({(album.id, album.songs[1].id)})
    assert [track.path for track in tracks_of(album, takes, sounding, bought)] == [
        "album/01-streetlights.mp3",
        "album/sketch/takes/coda.1.mp3",
        "album/sketch/02-coda.mp3",
        "album/sketch/takes/coda.3.mp3",
    ]


def test_a_bought_song_itself_is_never_put_aside():
    bought = frozenset({(ALBUM.id, song.id) for song in SONGS})
    assert tracks_of(bought=bought) == tracks_of()


def test_a_track_says_who_and_what_it_is():
    tags = tracks_of()[2].tags
    assert (tags.title, tags.artist, tags.album, tags.date) == (
        "Coda",
        "The Night Bus",
        "Small Hours",
        "2026",
    )
    assert (tags.track_number, tags.track_count) == (2, 2)
    assert tags.lyrics == SONGS[1].request.lyrics


def test_a_song_may_have_an_artist_of_its_own():
    album = an_album([a_song(metadata={"artist": "A guest"})])
    takes = takes_of(album)
    (track,) = tracks_of(album, takes, {takes[0].ref: attempt_at(takes[0])})
    assert (track.tags.artist, track.tags.album_artist) == ("A guest", "An artist")


def test_the_recipe_follows_audio_format_and_tags_and_nothing_else():
    plain = tracks_of()[0]
    assert tracks_of()[0].recipe == plain.recipe
    retitled = dataclasses.replace(
        ALBUM, songs=(dataclasses.replace(SONGS[0], title="Other"), SONGS[1])
    )
    reordered = dataclasses.replace(
        ALBUM,
        songs=(dataclasses.replace(SONGS[0], number=2), dataclasses.replace(SONGS[1], number=1)),
    )
    other_audio = {**SOUNDING, TAKES[0].ref: attempt_at(TAKES[0], audio=an_audio())}
    recipes = [
        tracks_of(retitled)[0].recipe,
        tracks_of(reordered, takes_of(reordered))[0].recipe,
        tracks_of(sounding=other_audio)[0].recipe,
    ]
    assert len({plain.recipe, *recipes}) == 4
    unsung = dataclasses.replace(ALBUM, budget_usd=None, metadata={"notes": "x"}, source="y")
    assert tracks_of(unsung)[0].recipe == plain.recipe


# --- files that nobody wants any more ---


def publication(path: str, *, album: str = "album", provider=Provider.AIMLAPI) -> Publication:
    ref = dataclasses.replace(TAKES[0].ref, album=album)
    return Publication(
        path=path,
        ref=ref,
        provider=provider,
        digest=TAKES[0].digest,
        recipe="r",
        checksum=checksum("x"),
        size_bytes=1,
        mtime_ns=1,
    )


OURS = {"album": Provider.AIMLAPI}


def stale(*recorded: Publication, silent=frozenset()):
    return stale_publications(recorded, tracks_of(), albums=OURS, silent=silent)


def test_a_recorded_file_that_no_take_wants_is_stale():
    removed = publication("album/03-removed.mp3")
    kept = publication("album/01-streetlights.mp3")
    assert stale(kept, removed) == (removed,)


def test_the_last_audio_of_a_take_stays_while_what_it_asks_for_now_is_not_there():
    earlier = publication("album/02-streetlights.mp3")
    assert stale(earlier, silent=frozenset({earlier.ref})) == ()
    assert stale(earlier, silent=frozenset({TAKES[1].ref})) == (earlier,)


def test_other_albums_and_the_other_providers_files_stay():
    other = publication("other/01-x.mp3", album="other")
    sketch = publication("album/sketch/01-x.mp3", provider=Provider.SKETCH)
    assert stale(other, sketch) == ()


def test_a_path_that_is_wanted_is_not_stale_whoever_recorded_it():
    moved = publication("album/02-coda.mp3")
    assert stale(moved) == ()


def test_a_superseded_recording_can_be_the_source_of_a_track():
    old = attempt_at(TAKES[0], State.PUBLISHED, superseded_at="2026-08-02T09:30:00.000Z")
    (track,) = tracks_of(sounding={TAKES[0].ref: old})
    assert track.source == old


@pytest.mark.parametrize(
    ("said", "written"),
    [("A minor", "Am"), ("F# major", "F#"), ("Bb", "Bb"), ("C#m", "C#m"), ("H major", None)],
)
def test_a_key_is_written_as_players_read_it(said: str, written: str | None):
    assert initial_key(said) == written


def test_a_song_s_own_metadata_comes_before_its_album_s():
    album = an_album(
        [a_song(metadata={"genre": "Blues", "bpm": 68, "key": "E minor", "isrc": "QZABC2600001"})],
        metadata={"genre": "Folk", "composer": "Anon"},
    )
    (take,) = takes_of(album)
    attempt = an_attempt(digest=take.digest)
    (track,) = desired_tracks(album, [take], {take.ref: attempt}, bought_songs=frozenset())
    tags = track.tags
    assert (tags.genre, tags.composer, tags.bpm, tags.key) == ("Blues", "Anon", 68, "Em")
    assert tags.isrc == "QZABC2600001"


def only_tags(album: Album) -> TrackTags:
    (take,) = takes_of(album)
    (track,) = tracks_of(album, [take], {take.ref: attempt_at(take)})
    return track.tags


def test_everything_that_a_manifest_says_of_a_track_is_in_its_tags():
    album = an_album(
        [a_song(metadata={"lyricist": "B. Lund", "explicit": True, "language": "pt-BR"})],
        metadata={
            "date": "2026-05-01",
            "label": "Depot Records",
            "upc": "036000291452",
            "copyright": "© 2026 The Night Bus",
            "explicit": False,
        },
    )
    tags = only_tags(album)
    assert (tags.date, tags.publisher, tags.lyricist) == ("2026-05-01", "Depot Records", "B. Lund")
    assert (tags.language, tags.copyright) == ("por", "2026 The Night Bus")
    assert tags.named_texts == (("ITUNESADVISORY", "1"), ("BARCODE", "036000291452"))


def test_what_nobody_said_is_in_no_tag():
    tags = only_tags(an_album([a_song(metadata={"language": "tlhingan"})], year=None))
    assert (tags.date, tags.language, tags.copyright, tags.comment) == (None, None, None, None)
    assert tags.named_texts == ()


def test_takes_that_are_not_picked_are_tagged_like_the_picked_one():
    of_coda = {track.tags for track in tracks_of()[1:]}
    assert of_coda == {tracks_of()[2].tags}


def test_a_cover_is_in_the_recipe_by_its_bytes():
    cover = Cover(kind=PictureKind.JPEG, width=1400, height=1400, checksum="1" * 64, content=b"one")
    recipes = {
        tracks_of(dataclasses.replace(ALBUM, cover=each))[0].recipe
        for each in (
            None,
            cover,
            dataclasses.replace(cover, checksum="2" * 64, content=b"two"),
            dataclasses.replace(cover, kind=PictureKind.PNG),
        )
    }
    assert len(recipes) == 4
    named_anew = dataclasses.replace(cover, content=b"one")
    assert tracks_of(dataclasses.replace(ALBUM, cover=named_anew))[0].recipe in recipes


def test_what_was_measured_is_part_of_the_recipe_and_the_albums_gain_of_picked_takes_alone():
    measured = {
        found.audio.checksum: Measurement(
            is_decodable=True,
            loudness_lufs=Decimal("-14.00"),
            true_peak=Decimal("0.9"),
            blocks=LoudnessHistogram(first_tenths=-140, counts=(100,)),
        )
        for found in SOUNDING.values()
        if found.audio is not None
    }
    quieter, louder = (
        AlbumLoudness(lufs=Decimal(lufs), true_peak=Decimal("0.9"), tracks={})
        for lufs in ("-15.00", "-13.00")
    )

    def recipes(**known) -> dict[str, str]:
        found = desired_tracks(ALBUM, TAKES, SOUNDING, bought_songs=frozenset(), **known)
        return {track.path: track.recipe for track in found}

    unknown = recipes()
    before = recipes(measurements=measured, loudness=quieter)
    after = recipes(measurements=measured, loudness=louder)
    assert all(unknown[path] != before[path] for path in unknown)
    changed = [path for path in before if before[path] != after[path]]
    assert changed == ["album/01-streetlights.mp3", "album/02-coda.mp3"]
