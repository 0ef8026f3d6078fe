"""The words of a song that only some models take."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.adapters.manifest.fields import (
    entry_of,
    integer_at,
    is_true_at,
    section_of,
    text_at,
)
from pipeline.adapters.manifest.nodes import MappingNode
from pipeline.adapters.manifest.request_check import Breach
from pipeline.adapters.manifest.schema_wording import Words
from pipeline.core.wanted.album import AudioFormat, AudioSetting, NeutralRequest
from pipeline.core.wanted.profile import AUDIO, Profile, Profiles

SWITCHES = ("instrumental", "lyrics_optimizer")
NUMBERS = ("length_s", "seed", "steps")
MODEL_WORDS = ("lyrics", AUDIO, *SWITCHES, "negative_prompt", *NUMBERS)
_FORMATS = {each.value: each for each in AudioFormat}  # quicker than a look-up by the enum itself
_WRITE_TAGS = "write structure tags without words: [Intro], [Inst], [Outro]"


def refused_words(fields: MappingNode, profile: Profile, profiles: Profiles) -> Iterator[Breach]:
    """What a song asks and its model cannot be asked, with what to do about it."""
    for word in MODEL_WORDS:
        if word in fields.entries and not profile.takes(word) and _is_asked(fields, word):
            yield Breach(word, Words(_refusal(word, profile), _way_out(word, profile, profiles)))


def _is_asked(fields: MappingNode, word: str) -> bool:
    return word not in SWITCHES or is_true_at(fields, word)


def _refusal(word: str, profile: Profile) -> str:
    match word:
        case "instrumental":
            return f"{profile.model} cannot be asked for an instrumental"
        case "audio":
            return f"{profile.model} takes no audio setting: its files come as it makes them"
        case _:
            return f"{profile.model} takes no {word}"


def _way_out(word: str, profile: Profile, profiles: Profiles) -> str:
    takers = [each for each in profiles.values() if each.takes(word)]
    contracts = [each.contract for each in takers if each.model == profile.model]
    step = f"write it only in songs of {', '.join(dict.fromkeys(each.model for each in takers))}"
    if word == "instrumental" and profile.structure_tags is not None:
        step = f"delete it, and {_WRITE_TAGS}"
    elif word == "instrumental":
        step = "delete it, and say so in the prompt"
    elif contracts:
        step = "delete it"
    return f"{step}; or add “contract: {contracts[0]}”" if contracts else step


def request_of(
    fields: MappingNode, profile: Profile, prompt: str, lyrics: str | None
) -> NeutralRequest:
    """What is asked of the model: its own words alone, with the profile's defaults filled in."""
    return NeutralRequest(
        model=profile.model,
        prompt=prompt,
        lyrics=lyrics,
        audio=_audio_setting(fields, profile),
        instrumental=_switch_at(fields, "instrumental", profile),
        lyrics_optimizer=_switch_at(fields, "lyrics_optimizer", profile),
        negative_prompt=_text_for(fields, "negative_prompt", profile),
        length_s=_number_at(fields, "length_s", profile),
        seed=_number_at(fields, "seed", profile),
        steps=_number_at(fields, "steps", profile),
    )


def _audio_setting(fields: MappingNode, profile: Profile) -> AudioSetting | None:
    if not profile.takes(AUDIO):
        return None
    said, defaults = section_of(fields, AUDIO), profile.defaults
    return AudioSetting(
        format=_FORMATS[text_at(said, "format") or str(defaults["audio.format"])],
        sample_rate=integer_at(said, "sample_rate", int(defaults["audio.sample_rate"])),
        bitrate=integer_at(said, "bitrate", int(defaults["audio.bitrate"])),
    )


def _switch_at(fields: MappingNode, word: str, profile: Profile) -> bool:
    return profile.takes(word) and is_true_at(fields, word)


def _number_at(fields: MappingNode, word: str, profile: Profile) -> int | None:
    if not profile.takes(word):
        return None
    found = fields.plain.get(word)
    default = profile.defaults.get(word)
    if isinstance(found, int):
        return found
    return None if default is None else int(default)


def _text_for(fields: MappingNode, word: str, profile: Profile) -> str | None:
    found = text_at(fields, word) if profile.takes(word) else None
    return None if found is None else found.strip()


def cautions(fields: MappingNode, profile: Profile, takes: int) -> Iterator[Breach]:
    """What would be bought as it is asked, and may be meant otherwise."""
    default = profile.defaults.get("length_s")
    if default is not None and entry_of(fields, "length_s") is None:
        longest = profile.limit("length_s", "maximum")
        message = f"{profile.model} makes {default} s of music where length_s says nothing"
        yield Breach("model", Words(message, f"add “length_s: …”, at most {longest}"))
    if takes > 1 and entry_of(fields, "seed") is not None and profile.takes("seed"):
        message = f"{takes} takes of one seed may sound the same"
        yield Breach("seed", Words(message, "give seed to songs with one take, or leave it out"))
