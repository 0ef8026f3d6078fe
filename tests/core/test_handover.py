import csv
import hashlib
import json
from dataclasses import replace

import pytest

from pipeline.core.formats.picture import PictureKind
from pipeline.core.handover.folder import (
    HandoverFile,
    HandoverRecord,
    handover_files,
    unwanted_records,
)
from pipeline.core.handover.tracks import Publication
from pipeline.core.wanted.album import Album, NeutralRequest, Provider
from pipeline.core.wanted.cover import Cover
from pipeline.core.wanted.credits import Contributor, Credit, Credits, Involvement, Part
from tests.builders import a_request, a_song, an_album, an_audio, takes_of
from tests.core.attempts import attempt_at, checksum

COVER = Cover(
    kind=PictureKind.PNG, width=3000, height=3000, checksum="d" * 64, content=b"a picture"
)


def songs(count: int, **fields: object) -> list:
    return [
        a_song(
            f"s{number}",
            number=number,
            title=f"Song {number}",
            request=a_request(prompt=f"waltz {number}"),
            **fields,
        )
        for number in range(1, count + 1)
    ]


def publication(take, attempt, path: str, **fields: object) -> Publication:
    made = {
        "path": path,
        "ref": take.ref,
        "provider": take.provider,
        "digest": attempt.digest,
        "recipe": "r",
        "checksum": checksum(path),
        "size_bytes": 10,
        "mtime_ns": 1,
    }
    return Publication(**{**made, **fields})


def path_of(take, folder: str = "album", ending: str = "mp3") -> str:
    if take.is_picked:
        return f"{folder}/{take.song_number:02d}-{take.ref.song}.{ending}"
    return f"{folder}/takes/{take.ref.song}.{take.ref.number}.{ending}"


def handed_over(album: Album, *, missing: tuple[str, ...] = (), **audio) -> dict[str, bytes]:
    """The hand-over files of an album whose takes are all published but those of some songs."""
    takes = [take for take in takes_of(album) if take.ref.song not in missing]
    attempts = [attempt_at(take, audio=an_audio(**audio)) for take in takes]
    lying = [
        publication(take, attempt, path_of(take, ending=attempt.audio.format))
        for take, attempt in zip(takes, attempts, strict=True)
        if attempt.audio is not None
    ]
    return by_name(handover_files(album, takes_of(album), attempts, lying))


def by_name(files: tuple[HandoverFile, ...]) -> dict[str, bytes]:
    assert all(file.path.startswith("album/") for file in files)
    assert all(hashlib.sha256(file.content).hexdigest() == file.checksum for file in files)
    return {file.path.removeprefix("album/"): file.content for file in files}


def cue_tracks(sheet: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The album's and the tracks' fields of a cue sheet, read strictly and in CDRWIN's order."""
    album: dict[str, str] = {}
    tracks: list[dict[str, str]] = []
    for line in sheet.splitlines():
        indent = len(line) - len(line.lstrip(" "))
        word, _, rest = line.strip().partition(" ")
        quoted = rest.startswith('"') and rest.endswith('"') and rest.count('"') == 2
        match word:
            case "FILE":
                name, _, kind = rest[1:].partition('" ')
                assert rest[0] == '"'
                assert indent == 0
                tracks.append({"FILE": name, "TYPE": kind})
            case "TRACK":
                assert rest == f"{len(tracks):02d} AUDIO"
            case "INDEX":
                assert rest == "01 00:00:00"
                tracks[-1]["INDEX"] = rest
            case "TITLE" | "PERFORMER" | "SONGWRITER":
                assert quoted
                (tracks[-1] if indent else album)[word] = rest[1:-1]
            case "ISRC":
                assert "INDEX" not in tracks[-1]
                tracks[-1][word] = rest
            case "REM" | "CATALOG":
                assert not tracks
                album[f"{word} {rest.partition(' ')[0]}" if word == "REM" else word] = rest
            case _:
                raise AssertionError(line)
    assert all("INDEX" in track for track in tracks)
    return album, tracks


def test_an_album_without_a_track_has_nothing_to_hand_over():
    album = an_album(songs(2), cover=COVER)
    assert handed_over(album, missing=("s1", "s2")) == {}


def test_a_whole_album_has_all_of_its_files_and_no_other():
    album = an_album(songs(2), cover=COVER)
    assert list(handed_over(album)) == [
        "cover.png",
        "album.m3u8",
        "album.cue",
        "metadata.csv",
        "ai-disclosure.json",
        "lyrics/01-s1.txt",
        "lyrics/02-s2.txt",
        "SHA256SUMS",
    ]


def test_only_tracks_that_are_there_are_listed_and_cue_numbers_have_no_gap():
    files = handed_over(an_album(songs(3)), missing=("s2",))
    assert files["album.m3u8"].decode().splitlines()[3::2] == ["01-s1.mp3", "03-s3.mp3"]
    _, tracks = cue_tracks(files["album.cue"].decode())
    assert [track["FILE"] for track in tracks] == ["01-s1.mp3", "03-s3.mp3"]
    assert len(files["metadata.csv"].splitlines()) == 3
    assert "lyrics/02-s2.txt" not in files


def test_a_track_of_an_earlier_request_is_not_handed_over():
    album = an_album(songs(1))
    (take,) = takes_of(album)
    attempt = attempt_at(take)
    lying = [publication(take, attempt, path_of(take))]
    edited = an_album([replace(album.songs[0], request=a_request(prompt="another waltz"))])
    assert handover_files(album, takes_of(album), [attempt], lying) != ()
    assert handover_files(edited, takes_of(edited), [attempt], lying) == ()


def test_a_track_that_never_came_to_lie_there_is_not_handed_over():
    album = an_album(songs(1))
    (take,) = takes_of(album)
    attempt = attempt_at(take)
    lying = [publication(take, attempt, path_of(take), mtime_ns=None)]
    assert handover_files(album, takes_of(album), [attempt], lying) == ()


def test_sketches_are_handed_over_only_where_nothing_was_bought():
    bought_album = an_album(songs(2))
    sketched_album = replace(bought_album, provider=Provider.SKETCH)
    takes = (*takes_of(bought_album), *takes_of(sketched_album))
    attempts = {take: attempt_at(take, number=1 + index) for index, take in enumerate(takes)}
    first_bought, _, first_sketch, second_sketch = takes
    sketches = [
        publication(first_sketch, attempts[first_sketch], "album/01-s1.mp3"),
        publication(second_sketch, attempts[second_sketch], "album/02-s2.mp3"),
    ]
    of_sketches = by_name(handover_files(bought_album, takes, list(attempts.values()), sketches))
    disclosure = json.loads(of_sketches["ai-disclosure.json"])
    assert {track["rendering"]["model"] for track in disclosure["tracks"]} == {
        "songmake sketch engine"
    }
    mixed = [
        publication(first_bought, attempts[first_bought], "album/01-s1.mp3"),
        replace(sketches[0], path="album/sketch/01-s1.mp3"),
        sketches[1],
    ]
    files = by_name(handover_files(bought_album, takes, list(attempts.values()), mixed))
    assert files["album.m3u8"].decode().splitlines()[3:] == ["01-s1.mp3"]
    assert b"02-s2" not in files["SHA256SUMS"]
    assert b"sketch" not in files["SHA256SUMS"]


def test_the_playlist_has_measured_lengths_and_one_line_names():
    album = an_album(
        [a_song("one", title="A\tlong\u2028 title, really", request=a_request())],
        title="Small Hours",
        artist="Øl & 夜",
    )
    files = handed_over(album, milliseconds=183_500)
    assert files["album.m3u8"].decode() == (
        "#EXTM3U\n#PLAYLIST:Small Hours\n#EXTINF:184,Øl & 夜 - A long  title, really\n01-one.mp3\n"
    )


def test_the_cue_sheet_says_of_album_and_tracks_what_a_disc_says():
    one, two = songs(2)
    album = an_album(
        [
            replace(
                one, title='The "best" of', metadata={"isrc": "QZABC2600001", "artist": "Guest"}
            ),
            replace(two, metadata={"composer": "A. Moreno"}),
        ],
        metadata={"genre": "Folk", "upc": "036000291452", "date": "2026-05-01"},
    )
    shown, tracks = cue_tracks(handed_over(album)["album.cue"].decode())
    assert shown == {
        "REM GENRE": 'GENRE "Folk"',
        "REM DATE": "DATE 2026",
        "CATALOG": "0036000291452",
        "PERFORMER": "An artist",
        "TITLE": "An album",
    }
    assert tracks == [
        {
            "FILE": "01-s1.mp3",
            "TYPE": "MP3",
            "TITLE": "The ''best'' of",
            "PERFORMER": "Guest",
            "ISRC": "QZABC2600001",
            "INDEX": "01 00:00:00",
        },
        {
            "FILE": "02-s2.mp3",
            "TYPE": "MP3",
            "TITLE": "Song 2",
            "PERFORMER": "An artist",
            "SONGWRITER": "A. Moreno",
            "INDEX": "01 00:00:00",
        },
    ]


@pytest.mark.parametrize(("ending", "kind"), [("wav", "WAVE"), ("flac", "WAVE"), ("pcm", "BINARY")])
def test_the_cue_sheet_names_the_type_of_each_file(ending: str, kind: str):
    _, (track,) = cue_tracks(handed_over(an_album(songs(1)), format=ending)["album.cue"].decode())
    assert (track["FILE"], track["TYPE"]) == (f"01-s1.{ending}", kind)


def test_more_tracks_than_a_disc_holds_have_no_cue_sheet():
    assert "album.cue" in handed_over(an_album(songs(99)))
    assert "album.cue" not in handed_over(an_album(songs(100)))


def test_the_sums_cover_every_file_but_themselves_in_sorted_order():
    one, two = songs(2)
    album = an_album([one, replace(two, takes=3, pick=2)], cover=COVER)
    files = handed_over(album)
    lines = files["SHA256SUMS"].decode().splitlines()
    sums = dict(reversed(line.split("  ")) for line in lines)
    assert list(sums) == sorted(sums)
    written = {name for name in files if name != "SHA256SUMS"}
    audio = {"01-s1.mp3", "02-s2.mp3", "takes/s2.1.mp3", "takes/s2.3.mp3"}
    assert set(sums) == written | audio
    assert all(sums[name] == hashlib.sha256(files[name]).hexdigest() for name in written)
    assert all(sums[name] == checksum(f"album/{name}") for name in audio)


def rows_of(album: Album, **audio) -> list[dict[str, str]]:
    text = handed_over(album, **audio)["metadata.csv"].decode()
    assert "\r" not in text
    return list(csv.DictReader(text.splitlines()))


def test_the_metadata_has_what_a_distributor_asks_for():
    metadata = {"isrc": "QZABC2600001", "explicit": True, "bpm": 92, "key": "A minor"}
    album = an_album(
        songs(1, metadata=metadata),
        metadata={"label": "Depot", "upc": "036000291452", "language": "pt-BR", "genre": "Folk"},
    )
    (row,) = rows_of(album, milliseconds=61_499)
    assert {name: cell for name, cell in row.items() if cell} == {
        "track_number": "1",
        "title": "Song 1",
        "artist": "An artist",
        "album": "An album",
        "album_artist": "An artist",
        "label": "Depot",
        "upc": "036000291452",
        "isrc": "QZABC2600001",
        "release_date": "2026",
        "genre": "Folk",
        "language": "pt-BR",
        "explicit": "yes",
        "instrumental": "no",
        "duration": "1:01",
        "seconds": "61.499",
        "bpm": "92",
        "key": "A minor",
        "file": "01-s1.mp3",
        "sha256": checksum("album/01-s1.mp3"),
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_the_metadata_is_run_by_a_spreadsheet(start: str):
    album = an_album([a_song(title=f"{start}HYPERLINK(1)")], metadata={"label": f"{start}1+1"})
    (row,) = rows_of(album)
    assert row["title"] == f"'{start}HYPERLINK(1)"
    assert row["label"] == f"'{start}1+1"


def disclosed(album: Album) -> dict:
    document = json.loads(handed_over(album)["ai-disclosure.json"])
    assert isinstance(document, dict)
    return document


def test_what_a_model_rendered_is_disclosed_from_the_journal():
    track = disclosed(an_album(songs(1)))["tracks"][0]
    assert track["rendering"] == {
        "provider": "aimlapi",
        "model": "minimax/music-2.6",
        "generation_id": "generation-s111",
        "completed_at": None,
    }
    generated = {
        "ai": "generated",
        "source": "journal",
        "tool": "minimax/music-2.6",
        "people": [],
        "note": None,
    }
    unknown = {"ai": None, "source": None, "tool": None, "people": [], "note": None}
    assert track["parts"] == {
        "composition": generated,
        "lyrics": unknown,
        "vocals": generated,
        "instruments": generated,
        "recording": generated,
    }


def test_people_are_disclosed_from_the_manifest_and_a_song_s_word_comes_first():
    one, two = songs(2, metadata={"lyricist": "B. Lund"})
    own = Credits(
        parts={Part.LYRICS: Credit(ai=Involvement.ASSISTED, tool="a text model")},
        contributors=(Contributor(name="C. Ito", role="mastering"),),
    )
    album = an_album(
        [one, replace(two, credits=own)],
        credits=Credits(
            parts={
                Part.LYRICS: Credit(ai=Involvement.NONE, people=("B. Lund", "A. Moreno")),
                Part.VOCALS: Credit(people=("A. Moreno",), note="chose the take"),
                Part.COMPOSITION: Credit(ai=Involvement.NONE, people=("A. Moreno",)),
                Part.ARTWORK: Credit(ai=Involvement.NONE, people=("J. Okafor",)),
            }
        ),
        cover=COVER,
    )
    document = disclosed(album)
    first, second = (track["parts"] for track in document["tracks"])
    assert (first["lyrics"]["ai"], first["lyrics"]["people"]) == ("none", ["B. Lund", "A. Moreno"])
    assert (second["lyrics"]["ai"], second["lyrics"]["tool"]) == ("assisted", "a text model")
    assert (first["vocals"]["ai"], first["vocals"]["source"]) == ("generated", "journal")
    assert (first["vocals"]["people"], first["vocals"]["note"]) == (["A. Moreno"], "chose the take")
    assert (first["composition"]["ai"], first["composition"]["tool"]) == ("none", None)
    assert document["artwork"]["people"] == ["J. Okafor"]
    assert document["tracks"][1]["contributors"] == [{"name": "C. Ito", "role": "mastering"}]


@pytest.mark.parametrize(
    ("request_", "lyrics", "vocals", "instrumental"),
    [
        (a_request(lyrics="[Intro]\n[Outro]"), "none there", "none there", "yes"),
        (a_request(lyrics=None, instrumental=True), "none there", "none there", "yes"),
        (a_request(lyrics=None), None, None, ""),
        (a_request(lyrics=None, lyrics_optimizer=True), "generated", "generated", "no"),
        (a_request(), None, "generated", "no"),
    ],
    ids=["tags alone", "instrumental", "left to the model", "words by the model", "words"],
)
def test_words_and_voice_are_said_as_far_as_the_request_says_them(
    request_: NeutralRequest, lyrics: str | None, vocals: str | None, instrumental: str
):
    def ai(part: dict | None) -> str | None:
        return "none there" if part is None else part["ai"]

    album = an_album([a_song(request=request_)])
    parts = disclosed(album)["tracks"][0]["parts"]
    assert (ai(parts["lyrics"]), ai(parts["vocals"])) == (lyrics, vocals)
    assert rows_of(album)[0]["instrumental"] == instrumental


def test_without_a_cover_no_artwork_is_disclosed():
    album = an_album(songs(1), credits=Credits(parts={Part.ARTWORK: Credit(people=("J.",))}))
    assert disclosed(album)["artwork"] is None


def test_a_recorded_file_that_is_not_wanted_any_more_is_found_in_its_own_album_alone():
    def record(path: str, album: str) -> HandoverRecord:
        return HandoverRecord(
            path=path, album=album, checksum=checksum("x"), size_bytes=1, mtime_ns=1
        )

    old, other = record("album/cover.jpg", "album"), record("other/cover.jpg", "other")
    kept = HandoverFile(path="album/album.cue", album="album", checksum=checksum("y"), content=b"")
    recorded = [old, other, record("album/album.cue", "album")]
    assert unwanted_records(recorded, [kept], albums=frozenset({"album"})) == (old,)
