"""How strongly it is played, as a whole and part by part, as a prompt says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.sketch.hearing.words import Words

_SOFT = (
    r"soft\w*|gentle|gently|calm\w*|quiet\w*|whisper\w*|delicate|intimate|sooth\w*|tender\w*"
    r"|sparse|mellow|peaceful|dreamy|hushed|subdued|minimal\w*|stripped\S*|bare|breathy|understated"
    r"|relaxed|spoken|alone|close to the micro\w+|chill\w*|fragile|restrained|low-key|muted"
)
_STRONG = (
    r"energetic|powerful\w*|anthem\w*|epic|loud\w*|heavy|aggressive|driving|huge|soaring|intense"
    r"|explo\w*|massive|big\w*|build\w*|swell\w*|lifts?|erupt\w*|full-on|belt\w*|roaring|climax\w*"
    r"|crescendo|full band|all together|everyone|big finish|shout\w*|scream\w*|triumphant"
    r"|thunder\w*|fierce|wild|euphoric|grand|upbeat|lively|punchy|vibrant|exciting|uplifting"
)
_WHISPERED = r"whisper\w*|hushed|murmur\w*"
_PLACES = (
    ("pre chorus", r"pre-?\s?chorus(?:es)?|pre-?hook"),
    ("chorus", r"(?<!pre-)(?<!pre )chorus(?:es)?|refrains?|hooks?|drops?"),
    ("verse", r"verses?"),
    ("bridge", r"bridges?|middle eight|breakdown"),
    ("intro", r"intros?|opening|beginning|start(?:s|ing)?|opens|begins"),
    ("outro", r"outros?|endings?|ends|end(?:ing)?|finish(?:es)?|finale|closing|close"
    r"|fade[- ]?out|coda"),
    ("solo", r"solos?"),
)  # fmt: skip
_FADE = r"fad(?:e|es|ing)[- ](?:out|away)|fades? to silence|fade at the end"
_RISE = (
    r"(?:gradual(?:ly)?|slow(?:ly)?|steadily|constantly) (?:build\w*|ris\w*|grow\w*|swell\w*)"
    r"|build\w* (?:gradually|slowly|steadily|throughout|up over)|slow(?:-| )burn\w*|crescendo"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dynamics:
    """What the prompt asks of parts: steps of energy by kind, whispers, a rise, a fade."""

    steps: tuple[tuple[str, float], ...]  # kind, -1 softest … 1 strongest
    whispered: tuple[str, ...]  # kinds
    is_rising: bool
    is_fading: bool
    said: tuple[str, ...]


def dynamics_in(words: Words) -> tuple[Dynamics, float, tuple[str, ...]]:
    """What is asked of parts; the intensity of all, -1 a whisper … 1 an anthem; its words."""
    steps: dict[str, float] = {}
    whispered: list[str] = []
    said: list[str] = []
    rest: list[str] = []
    clauses = re.split(
        r"[,.;:\n–—]|\s-\s|\band\b|\bthen\b|\bbut\b|\bbefore\b|\bwhile\b", words.wanted
    )
    for clause in clauses:
        places = [kind for kind, pattern in _PLACES if _has(pattern, clause)]
        step = 0.5 * len(_all(_STRONG, clause)) - 0.5 * len(_all(_SOFT, clause))
        if "chorus" in places and "outro" in places:
            places.remove("outro")
        if not places or not step:
            rest.append(clause)
            continue
        said.append(" ".join(clause.split()))
        for place in places:
            steps[place] = max(-1.0, min(1.0, steps.get(place, 0.0) + step))
            if _has(_WHISPERED, clause):
                whispered.append(place)
    strong, soft = _all(_STRONG, " ".join(rest)), _all(_SOFT, " ".join(rest))
    rise, fade = words.says(_RISE), words.says(_FADE)
    dynamics = Dynamics(
        steps=tuple(sorted(steps.items())), whispered=tuple(whispered),
        is_rising=rise is not None, is_fading=fade is not None,
        said=(*said, *(words for words in (rise, fade) if words)),
    )  # fmt: skip
    intensity = max(-1.0, min(1.0, 0.45 * (len(strong) - len(soft))))
    return dynamics, intensity, tuple(strong + soft)


def step_of(text: str) -> float:
    """How much stronger (at most 1) or softer (at least -1) a few words ask to be played."""
    return max(-1.0, min(1.0, 0.5 * (len(_all(_STRONG, text)) - len(_all(_SOFT, text)))))


def is_whispered(text: str) -> bool:
    """Whether the words ask for a whisper."""
    return _has(_WHISPERED, text)


def _has(pattern: str, text: str) -> bool:
    return re.search(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.I) is not None


def _all(pattern: str, text: str) -> list[str]:
    return re.findall(rf"(?<!\w)(?:{pattern})(?!\w)", text, re.I)
