"""What the embedded engine is asked for, whichever model a song names.

The engine speaks the first contract of one model, so that a rehearsal of any song is a request of
that form: what the song's model has no words for there becomes words of the prompt.
"""

from __future__ import annotations

from typing import Any

from pipeline.core.wanted.album import AudioFormat, AudioSetting, NeutralRequest

ENGINE_MODEL = "minimax/music-2.6"
SHORTEST_TEXT, LONGEST_PROMPT = 10, 2000  # code points, by that model's first contract
LONGEST_SKETCH_S = 299  # a length is said as M:SS, and the engine hears up to 4:59
WORDLESS = "[Intro]\n[Inst]\n[Outro]"
USUAL_AUDIO = AudioSetting(format=AudioFormat.MP3, sample_rate=44100, bitrate=256000)


def sketch_body(request: NeutralRequest) -> dict[str, Any]:
    """The body that a sketch of this request is made from.

    Length, instrumental and negative prompt are said in the prompt; seed and steps are not heard
    (they are in the digest, so that another seed is another performance).
    """
    audio = request.audio or USUAL_AUDIO
    return {
        "model": ENGINE_MODEL,
        "prompt": _prompt(request),
        "lyrics": _lyrics(request.lyrics),
        "audio_setting": {
            "format": audio.format.value,
            "sample_rate": audio.sample_rate,
            "bitrate": audio.bitrate,
        },
    }


def _prompt(request: NeutralRequest) -> str:
    parts = [request.prompt] if request.prompt else []
    if request.length_s is not None:
        minutes, seconds = divmod(min(request.length_s, LONGEST_SKETCH_S), 60)
        parts.insert(0, f"{minutes}:{seconds:02d} long")  # first: the first length counts
    if request.instrumental:
        parts.append("no vocals")
    if request.negative_prompt is not None:
        refused = (part.strip() for part in request.negative_prompt.split(","))
        parts += [f"no {part}" for part in refused if part]
    prompt = ", ".join(parts)
    if len(prompt) < SHORTEST_TEXT:
        prompt = f"{prompt}, a piece of music".removeprefix(", ")
    return prompt[:LONGEST_PROMPT]


def _lyrics(lyrics: str | None) -> str:
    if not lyrics:
        return WORDLESS
    return lyrics if len(lyrics) >= SHORTEST_TEXT else f"[Verse]\n{lyrics}\n[Outro]"
