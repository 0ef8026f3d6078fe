"""What was understood, held against what was written: no explanation of what nobody plays."""

from __future__ import annotations

from dataclasses import replace

from pipeline.sketch.hearing.words import Finding
from pipeline.sketch.prompt import Lead, Style, Voice
from pipeline.sketch.score import Score

_NEAR = 0.15  # of the wanted length

Findings = tuple[Finding, ...]


def true_of(style: Style, score: Score) -> tuple[Findings, Findings]:
    """What was heard and what was assumed, with what this song's form or lyrics made of it."""
    heard: list[Finding] = []
    assumed: list[Finding] = []
    for findings, kept in ((style.heard, heard), (style.assumed, assumed)):
        for finding in findings:
            played = _played(finding, style, score)
            if played is finding:
                kept.append(finding)
            elif played is not None:
                assumed.append(played)
    return tuple(heard), tuple(assumed)


def _played(finding: Finding, style: Style, score: Score) -> Finding | None:
    """The finding if it is true of the score, what is true instead, or None for nothing at all."""
    roles = {(track.role, str(track.tone)) for track in score.tracks}
    tones = {tone for _, tone in roles}
    match finding.field:
        case "voice" if style.voice is not Voice.NONE and not _is_sung(score):
            return Finding(field="voice", value=Voice.NONE, why="no words to sing")
        case "instruments":
            here = [tone for tone in style.comping if tone in tones]
            if here == list(style.comping):
                return finding
            return replace(finding, value=" and ".join(here) or "none", why="so softly played")
        case "pad" if style.pad and style.pad not in tones:
            return replace(finding, value="none", why="so softly played")
        case "bass" if style.bass and ("bass", style.bass) not in roles:
            return replace(finding, value="none", why="so softly played")
        case "drums" if finding.value != "none" and "kit" not in tones:
            return replace(finding, value="none", why="so softly played")
        case "solo" if style.is_alone or str(style.solo) not in tones:
            return None
        case "length" if style.target_s:
            seconds = score.ticks * score.seconds_per_tick
            if abs(seconds - style.target_s) > _NEAR * style.target_s:
                why = f"{style.target_s:.0f} s were wanted; the lyrics need this"
                return replace(finding, value=f"{seconds:.0f} s", why=why)
    return finding


def _is_sung(score: Score) -> bool:
    return any(
        track.role in ("lead", "backing") and Lead(track.tone).is_sung
        for track in score.tracks
        if track.tone in set(Lead)
    )
