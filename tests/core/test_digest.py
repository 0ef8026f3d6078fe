import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.wanted.album import AudioFormat, AudioSetting, Provider
from pipeline.core.wanted.digest import (
    canonical_json,
    client_request_id,
    digest_of,
    identity_of,
    known_digests,
)
from pipeline.core.wanted.lyrics import sent_lyrics, sent_prompt
from pipeline.core.wanted.takes import wanted_takes
from tests.builders import PROFILE, a_request, a_song, an_album, takes_of

MP3 = AudioSetting(format=AudioFormat.MP3, sample_rate=44100, bitrate=256000)
WAV = AudioSetting(format=AudioFormat.WAV, sample_rate=32000, bitrate=128000)
PCM = AudioSetting(format=AudioFormat.PCM, sample_rate=16000, bitrate=32000)

# These digests are written in people's journals. If one of them changes, every song that was
# bought under it is bought again with its owner's money: never mend this table to make it pass.
# A change of the digest is a new version beside version 1, which known_digests keeps giving.
GOLDEN = {
    "plain": ({}, "8c260325785f354ac9f7ae7b92a35ce72f325c9b46bd8ad6ee7805fbab96bd54"),
    "unicode": (
        {
            "prompt": "café noir, 夜の静けさ, 92 BPM",
            "lyrics": "[Verse]\nÀ l’aube \U0001f3b7",
        },
        "6de7ed594f7e7203118551039ef61295353a6ec6dde307c9bda3cb93338cf4ff",
    ),
    "wav": ({"audio": WAV}, "680e925a19c848c4aa34c51e82764825f468a2d279448a133527752b6b2ed42c"),
    "pcm": ({"audio": PCM}, "6aaa27dc12d3bc41323f7d57cbfd8acb94315b65e26c2e085c3006df0c073a9d"),
    "instrumental": (
        {"lyrics": None, "instrumental": True},
        "3100347c21d082a8d9571e70595d3273dbaff018881ac99c0347fa7808dc0e5c",
    ),
    "words by the model": (
        {"lyrics": None, "lyrics_optimizer": True},
        "af22d13f1bf302eeaa1ee33721fd26d11197bf7704c9cc1c4cefbcc2fa5e6252",
    ),
    "length": (
        {"model": "elevenlabs/eleven_music", "audio": None, "length_s": 10},
        "dbc18194d71eb130145cd95aa4ed1e5a420a25aab902022a558a5659175c1ced",
    ),
    "seed": (
        {
            "model": "google/lyria2",
            "lyrics": None,
            "audio": None,
            "negative_prompt": "drums",
            "seed": 7,
        },
        "de02ae4e1b18b6e9eb0ffa0f441a86649f97bbcb26981e7c70f1d47464e6b9f9",
    ),
    "steps": (
        {"model": "stable-audio", "lyrics": None, "audio": None, "length_s": 30, "steps": 100},
        "8f51fe514da0981ff0d91673e885a603a2c4709f8c56f7f690ec971cacbfe16a",
    ),
}


def digest(*, provider=Provider.AIMLAPI, take=1, revision=0, **fields):
    return digest_of(a_request(**fields), provider=provider, take=take, revision=revision)


@pytest.mark.parametrize("case", GOLDEN)
def test_a_request_keeps_the_digest_that_it_was_bought_under(case: str):
    fields, pinned = GOLDEN[case]
    assert digest(**fields) == pinned


def test_revision_take_and_provider_keep_their_digests_too():
    assert digest(revision=1) == "73b66375a3ea03259740731509108f65e12e70a85b9089902ee9faa2eaea980d"
    assert digest(take=2) == "b3bd4e3c88a675773cfadee043c7e9cfe8e69b8c85c3ab5e84cbfc16c66157d7"
    sketch = digest(provider=Provider.SKETCH)
    assert sketch == "428e411f15d1ba890d1ba5cf4e7aa904899dc358ea2c336051cc13bbd5f0c5d9"


def test_a_digest_is_the_sha256_of_a_document_that_anybody_can_write_down():
    document = (
        '{"digest_version":1,"provider":"aimlapi","request":{"audio.bitrate":256000,'
        '"audio.format":"mp3","audio.sample_rate":44100,'
        '"lyrics":"[Verse]\\nStreetlights flicker, the night breeze sighs",'
        '"model":"minimax/music-2.6","prompt":"warm indie folk, 92 BPM"},"revision":0,"take":1}'
    )
    assert digest() == hashlib.sha256(document.encode()).hexdigest()
    wordless = (
        '{"digest_version":1,"provider":"aimlapi","request":{"length_s":30,'
        '"model":"stable-audio","prompt":"warm indie folk, 92 BPM","steps":100},'
        '"revision":0,"take":1}'
    )
    assert GOLDEN["steps"][1] == hashlib.sha256(wordless.encode()).hexdigest()


CHANGES = {
    "prompt": {"prompt": "warm indie folk, 93 BPM"},
    "lyrics": {"lyrics": "[Verse]\nStreetlights flicker, the night wind sighs"},
    "no lyrics": {"lyrics": None},
    "model": {"model": "minimax/music-2.0"},
    "format": {"audio": AudioSetting(format=AudioFormat.WAV, sample_rate=44100, bitrate=256000)},
    "rate": {"audio": AudioSetting(format=AudioFormat.MP3, sample_rate=32000, bitrate=256000)},
    "bitrate": {"audio": AudioSetting(format=AudioFormat.MP3, sample_rate=44100, bitrate=128000)},
    "instrumental": {"instrumental": True},
    "optimizer": {"lyrics_optimizer": True},
    "no audio setting": {"audio": None},
    "length": {"length_s": 92},
    "seed": {"seed": 92},
    "another seed": {"seed": 0},
    "steps": {"steps": 92},
    "negative prompt": {"negative_prompt": "drums"},
    "revision": {"revision": 1},
    "take": {"take": 2},
    "provider": {"provider": Provider.SKETCH},
}


def test_everything_that_is_sent_or_chosen_makes_another_digest():
    digests = [digest(**change) for change in CHANGES.values()]
    assert len({digest(), *digests}) == len(CHANGES) + 1


FREE = {
    "title": {"title": "Another title"},
    "tags": {"tags": ("closer", "quiet")},
    "pick": {"pick": 2, "takes": 2},
    "order": {"number": 7},
    "metadata": {"metadata": {"isrc": "QZABC2600001", "notes": "loud", "explicit": True}},
    "price": {"price_usd": Decimal("0.3")},
}


@pytest.mark.parametrize("change", FREE)
def test_words_about_a_song_are_not_in_its_digest(change: str):
    plain = takes_of(an_album([a_song()]))[0]
    changed = takes_of(an_album([a_song(**FREE[change])]))[0]
    assert changed.digest == plain.digest
    assert changed.body_json == plain.body_json


def test_nor_is_the_contract_that_a_song_is_asked_by():
    later = replace(PROFILE, contract="2026-04", wire={**PROFILE.wire, "prompt": "description"})
    profiles = {PROFILE.key: PROFILE, later.key: later}
    (first,) = wanted_takes(an_album(), profiles)
    (second,) = wanted_takes(an_album([a_song(contract="2026-04")]), profiles)
    assert second.digests == first.digests
    assert second.identity_json == first.identity_json
    assert second.body_json != first.body_json


def test_nor_is_anything_about_the_album():
    plain = takes_of(an_album())[0]
    album = an_album(title="Else", artist="Somebody", year=1999, metadata={"genre": "Folk"})
    assert takes_of(album)[0].digest == plain.digest


def test_more_takes_leave_the_first_ones_as_they_are():
    few = takes_of(an_album([a_song(takes=2)]))
    many = takes_of(an_album([a_song(takes=5)]))
    assert [take.digest for take in many[:2]] == [take.digest for take in few]
    assert len({take.digest for take in many}) == 5


def test_the_same_song_under_another_name_is_the_same_purchase():
    first, second = takes_of(an_album([a_song("one"), a_song("two", number=2)]))
    assert first.digest == second.digest


@given(st.text(), st.integers(1, 9), st.integers(0, 9))
def test_line_ends_and_spaces_at_them_never_reach_a_digest(lyrics: str, take: int, revision: int):
    unix = lyrics.replace("\r", "")
    typed_elsewhere = "\r\n" + unix.replace("\n", " \t\r\n") + "\r\n\r\n"
    one, other = (
        digest(lyrics=sent_lyrics(text), take=take, revision=revision)
        for text in (unix, typed_elsewhere)
    )
    assert one == other


@given(st.lists(st.text(), max_size=3), st.text())
def test_space_around_prompt_fragments_never_reaches_a_digest(fragments: list[str], prompt: str):
    loose = [f" {fragment}\n" for fragment in fragments]
    assert digest(prompt=sent_prompt(fragments, prompt)) == digest(
        prompt=sent_prompt(loose, f"\t{prompt} ")
    )


@given(st.text(), st.text())
def test_moving_words_from_prompt_to_lyrics_changes_the_digest(prompt: str, lyrics: str):
    whole = digest(prompt=prompt + "x" + lyrics, lyrics="")
    assert whole != digest(prompt=prompt, lyrics="x" + lyrics)


def test_canonical_json_has_one_spelling():
    assert canonical_json({"b": 1, "a": "é\n"}) == '{"a":"é\\n","b":1}'
    with pytest.raises(ValueError, match="Out of range float"):
        canonical_json({"a": float("nan")})


def test_the_newest_digest_comes_first_among_the_known_ones():
    words = {"provider": Provider.AIMLAPI, "take": 1, "revision": 0}
    assert known_digests(a_request(), **words)[0] == digest_of(a_request(), **words)
    assert identity_of(a_request(), **words)["digest_version"] == 1


def test_a_client_request_id_has_signs_that_the_provider_keeps():
    made = client_request_id(digest(), attempt=12, nonce="a1b2c3")
    assert made == "sm1.8c260325785f354ac9f7ae7b92a35ce7.12.a1b2c3"
