import os
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.adapters.manifest import check_together, find_manifests, load_manifest
from pipeline.core.wanted.album import AudioFormat, AudioSetting, Provider
from pipeline.errors import UsageError
from tests.adapters.manifest_files import (
    PROFILES,
    SONG,
    WORDS,
    album_of,
    errors,
    load,
    manifest,
    only_song,
    warnings,
)

FIELDS = f"""
title: One
prompt: a quiet piano waltz
lyrics: "{WORDS.replace(chr(10), chr(92) + "n")}"
"""


def test_the_smallest_manifest_has_every_default_filled_in(tmp_path: Path):
    album = album_of(tmp_path, f"album: {{title: Small Hours}}\nsongs:\n  one: {SONG}\n")
    [song] = album.songs
    assert (album.id, album.title, album.artist, album.year) == (
        "small-hours",
        "Small Hours",
        None,
        None,
    )
    assert (album.provider, album.budget_usd) == (Provider.SKETCH, None)
    assert (song.number, song.takes, song.pick, song.revision, song.tags) == (1, 1, 1, 0, ())
    assert song.request.model == "minimax/music-2.6"
    assert song.request.lyrics == WORDS
    assert song.request.audio == AudioSetting(
        format=AudioFormat.MP3, sample_rate=44100, bitrate=256000
    )


def test_more_errors_than_are_told_are_refused_in_words(tmp_path: Path):
    song = SONG.replace("{", "{audio: {format: mp9}, credits: {vocals: {ai: some}}, ", 1)
    songs = "\n".join(f"  song-{number}: {song}" for number in range(300))
    loaded = load(tmp_path, f"album: {{title: Small Hours}}\nsongs:\n{songs}\n")
    assert loaded.album is None
    assert len(errors(loaded)) == 500
    assert all("must be one of" in message for _, _, message in errors(loaded))


def test_a_song_goes_before_defaults_and_mappings_merge(tmp_path: Path):
    top = """
defaults:
  takes: 4
  prompt: strings far away
  tags: [album]
  audio: {format: wav, sample_rate: 24000}
"""
    song = only_song(tmp_path, FIELDS + "audio: {sample_rate: 16000}\ntags: [single]", top=top)
    assert song.takes == 4
    assert song.request.prompt == "a quiet piano waltz"
    assert song.tags == ("single",)
    assert song.request.audio == AudioSetting(
        format=AudioFormat.WAV, sample_rate=16000, bitrate=256000
    )


def test_the_prompt_is_the_styles_fragments_then_the_songs_words(tmp_path: Path):
    top = "styles: {cafe: ' warm folk ', rain: soft rain}"
    song = only_song(tmp_path, FIELDS + "style: [rain, cafe]", top=top)
    assert song.request.prompt == "soft rain, warm folk, a quiet piano waltz"


def test_metadata_keeps_its_types_and_stays_out_of_the_request(tmp_path: Path):
    extra = "language: no\nexplicit: false\nbpm: 92\nisrc: QZABC2600001\nartist: A. Moreno"
    song = only_song(tmp_path, FIELDS + extra)
    assert song.metadata == {
        "artist": "A. Moreno",
        "language": "no",
        "explicit": False,
        "bpm": 92,
        "isrc": "QZABC2600001",
    }
    assert song.request == only_song(tmp_path, FIELDS).request


def test_the_given_provider_goes_before_the_manifests(tmp_path: Path):
    text = "provider: aimlapi\n" + manifest(FIELDS)
    assert album_of(tmp_path, text).provider is Provider.AIMLAPI
    loaded = load(tmp_path, text, provider=Provider.SKETCH)
    assert loaded.album is not None
    assert loaded.album.provider is Provider.SKETCH


def test_the_budget_is_exact(tmp_path: Path):
    album = album_of(tmp_path, "budget_usd: 0.1\n" + manifest(FIELDS))
    assert album.budget_usd == Decimal("0.1")
    too_fine = load(tmp_path, "budget_usd: 0.1234567\n" + manifest(FIELDS))
    assert errors(too_fine) == [(1, 13, "budget_usd has more than 6 decimals")]


def test_line_ends_a_byte_order_mark_and_layout_change_no_request(tmp_path: Path):
    text = manifest("title: One\nprompt: a quiet piano waltz\nlyrics: |\n  [Verse]\n  Some words  ")
    plain = album_of(tmp_path, text)
    windows = album_of(
        tmp_path, "\ufeff# a comment\n".replace("\n", "\r\n") + text.replace("\n", "\r\n")
    )
    assert plain == windows


def test_lyrics_come_from_a_file_beside_the_manifest(tmp_path: Path):
    (tmp_path / "lyrics").mkdir()
    (tmp_path / "lyrics" / "one.txt").write_bytes(b"\xef\xbb\xbf\r\n[Verse]  \r\nSome words\r\n")
    song = only_song(tmp_path, "title: A\nprompt: a quiet waltz\nlyrics: {file: lyrics/one.txt}")
    assert song.request.lyrics == "[Verse]\nSome words"


@pytest.mark.parametrize("named", ["../outside.txt", "/etc/hostname", "link.txt", "far/../../x"])
def test_lyrics_cannot_come_from_outside_the_manifests_folder(tmp_path: Path, named: str):
    folder = tmp_path / "manifests"
    folder.mkdir()
    (tmp_path / "outside.txt").write_text(WORDS)
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    fields = f"title: A\nprompt: a quiet waltz\nlyrics: {{file: {named}}}"
    [(line, column, message)] = errors(load(folder, manifest(fields)))
    assert (line, column) == (7, 20)
    assert message == f"the lyrics file “{named}” lies outside the manifest's folder"


def test_a_link_within_the_folder_is_followed(tmp_path: Path):
    (tmp_path / "real.txt").write_text(WORDS)
    (tmp_path / "link.txt").symlink_to("real.txt")
    fields = "title: A\nprompt: a quiet waltz\nlyrics: {file: link.txt}"
    assert only_song(tmp_path, fields).request.lyrics == WORDS


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "does not exist"),
        (b"caf\xe9 caf\xe9", "is not UTF-8: byte 0xE9 does not fit"),
        (b"one\ntwo\x00three", "contains U+0000 control character at 2:4"),
        (b"x" * 300_000, "is larger than 256 KiB"),
        (b"", "lyrics must not be empty (minimax/music-2.6)"),
    ],
)
def test_lyrics_files_that_cannot_be_sung_are_reported_where_they_are_named(
    tmp_path: Path, content: bytes | None, message: str
):
    if content is not None:
        (tmp_path / "one.txt").write_bytes(content)
    fields = "title: A\nprompt: a quiet waltz\nlyrics: {file: one.txt}"
    [(line, column, found)] = errors(load(tmp_path, manifest(fields)))
    assert (line, column) == (7, 20)
    assert found.endswith(message)


def test_a_pipe_or_a_loop_of_links_is_no_lyrics_file(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    for named in ("pipe.txt", "loop.txt", "x" * 5000, "pipe.txt/one.txt"):
        fields = f"title: A\nprompt: a quiet waltz\nlyrics: {{file: {named}}}"
        assert len(errors(load(tmp_path, manifest(fields)))) == 1


def test_a_limit_of_the_model_points_at_the_line_that_broke_it(tmp_path: Path):
    styled = "title: A\nstyle: x\nlyrics: these are words"
    loaded = load(tmp_path, manifest(styled, top="styles: {x: hum}"))
    assert errors(loaded) == [
        (6, 5, "one: prompt must be at least 10 characters long, not 3 (minimax/music-2.6)")
    ]


def test_a_limit_broken_by_defaults_is_reported_once(tmp_path: Path):
    text = (
        "album: {title: A}\ndefaults: {audio: {sample_rate: 48000}}\n"
        f"songs:\n  one: {SONG}\n  two: {SONG}\n"
    )
    [(line, column, message)] = errors(load(tmp_path, text))
    assert (line, column) == (2, 33)
    assert message.startswith("defaults: audio.sample_rate must be one of 16000,")


def test_lengths_count_the_text_that_is_sent(tmp_path: Path):
    composed = "\u00e9" * 3000
    decomposed = "e\u0301" * 3000
    fields = "title: A\nprompt: a quiet waltz\nlyrics: "
    assert load(tmp_path, manifest(fields + f'"\\n{decomposed}   "')).album is not None
    assert load(tmp_path, manifest(fields + composed + "x")).album is None


def test_an_instrumental_is_refused_where_the_model_always_sings(tmp_path: Path):
    loaded = load(tmp_path, manifest("title: A\nprompt: a quiet waltz\ninstrumental: true"))
    assert errors(loaded) == [(7, 19, "one: minimax/music-2.6 cannot be asked for an instrumental")]
    assert loaded.diagnostics[0].hint is not None


def test_a_song_without_words_or_prompt_is_told_so_at_its_id(tmp_path: Path):
    assert errors(load(tmp_path, manifest("title: A"))) == [
        (4, 3, "one: minimax/music-2.6 needs a prompt"),
        (4, 3, "one: minimax/music-2.6 needs lyrics"),
    ]


def test_a_pick_that_is_not_there_is_a_warning(tmp_path: Path):
    loaded = load(tmp_path, manifest(FIELDS.strip() + "\ntakes: 2\npick: 3"))
    assert loaded.album is not None
    assert warnings(loaded) == [(9, 11, "one: take 3 is picked and takes is 2: it has no track")]


def test_equal_requests_are_one_purchase_and_revision_makes_another(tmp_path: Path):
    text = f"album: {{title: A}}\nsongs:\n  one: {SONG}\n  two: {SONG}\n"
    loaded = load(tmp_path, text)
    assert loaded.album is not None
    assert warnings(loaded) == [(4, 3, "two asks for exactly what one does: one purchase for both")]
    revised = text.replace("two: {", "two: {revision: 1, ")
    assert warnings(load(tmp_path, revised)) == []


def test_every_error_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path):
    text = """
album: {titel: A}
provider: skecth
songs:
  one:
    title: 12
    title: 13
    promt: a quiet waltz
    lyrics: short
    style: nowhere
    takes: 2.0
"""
    found = errors(load(tmp_path, text))
    assert [line for line, _, _ in found] == [2, 3, 6, 7, 8, 9, 10, 11]
    assert found == sorted(found)


def test_lint_of_a_literal_block_points_into_the_manifest(tmp_path: Path):
    fields = FIELDS.split("lyrics")[0] + "lyrics: |  # words\n\n  [Verse]\n  Some (soft) words"
    assert warnings(load(tmp_path, manifest(fields))) == [
        (10, 12, "the words in “(soft)” would be sung")
    ]


def test_lint_of_other_scalars_points_at_their_start(tmp_path: Path):
    fields = "title: A\nprompt: a quiet waltz\nlyrics: >\n  [Verse]\n  Some (soft) words"
    assert [each[:2] for each in warnings(load(tmp_path, manifest(fields)))] == [(7, 13)]


def test_lint_of_a_file_points_into_the_file(tmp_path: Path):
    (tmp_path / "one.txt").write_text("[Verse]\nSome (soft) words\n")
    fields = "title: A\nprompt: a quiet waltz\nlyrics: {file: one.txt}"
    [finding] = load(tmp_path, manifest(fields)).diagnostics
    assert (finding.file, finding.position.line, finding.position.column) == ("one.txt", 2, 6)
    assert finding.source_line == "Some (soft) words"


def test_an_album_id_comes_from_the_file_or_from_the_manifest(tmp_path: Path):
    path = tmp_path / "Small Hours.yaml"
    path.write_text(f"album: {{title: A}}\nsongs: {{one: {SONG}}}\n")
    loaded = load_manifest(path, profiles=PROFILES, provider=None, shown_as="x.yaml")
    assert errors(loaded) == [(1, 1, "the file's name “Small Hours” is no album id")]
    path.write_text(f"album: {{title: A, id: small-hours}}\nsongs: {{one: {SONG}}}\n")
    loaded = load_manifest(path, profiles=PROFILES, provider=None, shown_as="x.yaml")
    assert loaded.album is not None
    assert loaded.album.id == "small-hours"


def test_ids_are_matched_whole(tmp_path: Path):
    for wrong in ("a\\n", "-a", "a-", "a--b", "A", "a_b", "é", "x" * 65, ""):
        text = f'album: {{title: A}}\nsongs: {{"{wrong}": {SONG}}}\n'
        assert len(errors(load(tmp_path, text))) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"album: {title: caf\xe9}", "the manifest is not UTF-8: byte 0xE9 does not fit"),
        ("album: {}".encode("utf-16"), "the manifest is not UTF-8: byte 0xFF does not fit"),
    ],
)
def test_a_manifest_in_another_encoding_is_a_finding(tmp_path: Path, content: bytes, message: str):
    assert [each[2] for each in errors(load(tmp_path, content))] == [message]


def test_a_manifest_that_cannot_be_read_is_a_finding(tmp_path: Path):
    for path in (tmp_path, tmp_path / "nowhere.yaml"):
        loaded = load_manifest(path, profiles=PROFILES, provider=None, shown_as="x.yaml")
        assert loaded.album is None
        assert len(loaded.diagnostics) == 1


def test_folders_give_their_manifests_by_name_and_each_file_once(tmp_path: Path):
    for name in ("b.yaml", "a.yml", ".hidden.yaml", "a.lock.json", "notes.txt"):
        (tmp_path / name).touch()
    assert find_manifests([tmp_path, tmp_path / "b.yaml"]) == (
        tmp_path / "a.yml",
        tmp_path / "b.yaml",
    )


def test_a_missing_path_and_an_empty_folder_are_usage_errors(tmp_path: Path):
    (tmp_path / "small-hours.yaml").touch()
    with pytest.raises(UsageError, match="there is no") as missing:
        find_manifests([tmp_path / "small-huors.yaml"])
    assert missing.value.hint == f"did you mean {tmp_path / 'small-hours.yaml'}?"
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="there is no manifest in"):
        find_manifests([tmp_path / "empty"])


def test_two_albums_cannot_have_one_id(tmp_path: Path):
    text = f"album: {{title: A, id: same}}\nsongs: {{one: {SONG}}}\n"
    first, second = load(tmp_path, text), load(tmp_path, text)
    taken, shared = check_together([first, second])
    assert taken.message == "the album id same is taken by small-hours.yaml"
    assert (taken.position.line, taken.position.column) == (1, 23)
    assert "one purchase for both" in shared.message
    assert check_together([first]) == ()
