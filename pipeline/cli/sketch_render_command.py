"""``songmake sketch render``."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.messages import print_warning
from pipeline.cli.sketch_options import request_of, song_options
from pipeline.cli.sketch_request import SketchRequest
from pipeline.cli.typed import again
from pipeline.errors import ExtraMissing, UsageError
from pipeline.sketch.audio import BITRATES_BPS, FORMATS, SAMPLE_RATES_HZ, AudioSpec
from pipeline.sketch.files import store_bytes

if TYPE_CHECKING:
    from pipeline.sketch.engine import Rendering

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("render", short_help="play one song into a file")
@song_options
@click.option("-o", "--out", type=_FILE, metavar="FILE", help="Where the song goes.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="If FILE's ending is another.")
@click.option(
    "--sample-rate", type=click.Choice([str(rate) for rate in SAMPLE_RATES_HZ]), help="In hertz."
)
@click.option(
    "--bitrate", type=click.Choice([str(rate) for rate in BITRATES_BPS]), help="Of an mp3."
)
@click.option(
    "--stems", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Each track as a wav; together they are the mix before mastering.",
)  # fmt: skip
@click.option("--midi", type=_FILE, metavar="FILE", help="The notes as a Standard MIDI File.")
@click.option("--score", type=_FILE, metavar="FILE", help="The notes, words and form as JSON.")
def command(
    out: Path | None,
    form: str | None,
    sample_rate: str | None,
    bitrate: str | None,
    stems: Path | None,
    midi: Path | None,
    score: Path | None,
    **song: Any,
) -> None:
    """Play one song into a file. Needs no key, no network, no manifest.

    \b
      songmake sketch render --prompt 'slow blues, 68 BPM, E minor' \\
          --lyrics manifests/lyrics/low-water.txt -o low-water.mp3
      songmake sketch render streetlights -o streetlights.wav --stems stems/

    The same words, take and revision give the same bytes, and the same ones as in an album.
    """
    if (out, stems, midi, score) == (None,) * 4:
        raise UsageError(
            "nothing to write",
            hint=f"{again('-o', 'song.mp3')}\nor --stems DIR, --midi FILE, --score FILE",
        )
    for path in (out, midi, score):
        _refuse_nowhere(path)
    chosen = {"format": form, "sample_rate": sample_rate, "bitrate": bitrate}
    request = request_of(_audio(AudioSpec(), out, chosen), **song)
    request = replace(request, audio=_audio(request.audio, out, chosen))
    if midi is not None:
        _refuse_without_mido()
    if stems is not None:
        _make_folder(stems)
    if out is not None:
        _write_song(request, out)
    if midi is not None or score is not None:
        _write_score(request, midi, score)
    if stems is not None:
        _write_stems(request, stems)


def _audio(setting: AudioSpec, out: Path | None, chosen: dict[str, str | None]) -> AudioSpec:
    """What is asked for by name, else the file's ending, else what the song has."""
    rate, bitrate = chosen["sample_rate"], chosen["bitrate"]
    return AudioSpec(
        format=chosen["format"] or (_ending(out) if out is not None else setting.format),
        sample_rate=int(rate) if rate else setting.sample_rate,
        bitrate=int(bitrate) if bitrate else setting.bitrate,
    )


def _ending(out: Path) -> str:
    ending = out.suffix.lower().removeprefix(".")
    if ending in FORMATS:
        return ending
    near = get_close_matches(ending, FORMATS, n=1)
    said = f"did you mean .{near[0]}?" if near else "name it .mp3, or give --format"
    raise UsageError(f"{out} does not end in .mp3, .wav or .pcm", hint=said)


def _write_song(request: SketchRequest, out: Path) -> None:
    from pipeline.sketch.engine import render  # numpy, and the voice

    song = render(request.prompt, request.lyrics, request.audio, request.seed)
    store_bytes(out, song.audio)
    for warning in song.warnings:
        print_warning(warning)
    click.echo(f"{out}: {_described(song, request.audio)}")


def _described(song: Rendering, audio: AudioSpec) -> str:
    minutes, seconds = divmod(round(song.seconds), 60)
    rate = f"{song.bitrate_bps // 1000} kbit/s" if audio.format == "mp3" else "16 bit, 2 channels"
    return f"{minutes}:{seconds:02}, {audio.format}, {song.sample_rate_hz} Hz, {rate}"


def _write_score(request: SketchRequest, midi: Path | None, document: Path | None) -> None:
    from pipeline.sketch.engine import write_score
    from pipeline.sketch.exports import score_document

    score = write_score(request.prompt, request.lyrics, request.seed)
    if midi is not None:
        from pipeline.sketch.midi import render_midi

        store_bytes(midi, render_midi(score, title=request.title))
        click.echo(f"{midi}: {len(score.tracks)} tracks")
    if document is not None:
        text = json.dumps(score_document(score), ensure_ascii=False, indent=1)
        store_bytes(document, f"{text}\n".encode())
        click.echo(f"{document}: {sum(len(track.notes) for track in score.tracks)} notes")


def _write_stems(request: SketchRequest, folder: Path) -> None:
    from pipeline.sketch.engine import render_stems

    stems = render_stems(request.prompt, request.lyrics, request.audio, request.seed)
    for name, content in stems.items():
        store_bytes(folder / f"{name}.wav", content)
        click.echo(folder / f"{name}.wav")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}", hint="name another folder") from error
    _refuse_nowhere(folder / "stem.wav")


def _refuse_nowhere(path: Path | None) -> None:
    """Raise ``UsageError`` now where a file cannot be in the end: a song takes seconds."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise UsageError(
            f"{path.parent}: there is no such folder",
            hint=f"mkdir -p {shlex.quote(str(path.parent))}",
        )
    try:
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise UsageError(
            f"{path.parent}: cannot be written to: {error.strerror}", hint="name another folder"
        ) from error


def _refuse_without_mido() -> None:
    import importlib.util

    if importlib.util.find_spec("mido") is None:
        raise ExtraMissing("--midi needs mido", hint="pip install 'songmake[sketch]'")
