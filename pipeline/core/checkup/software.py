"""Whether the installed packages are those that songmake was tested with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.checkup.check import Check, failure, ok, skipped, warning
from pipeline.core.wanted.album import Provider
from pipeline.errors import ExitCode

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([\w-]+)['"]""")
_BOUND = re.compile(r"(==|>=|<=|!=|~=|<|>)\s*([0-9][\w.*+!-]*)")
EXTRAS = {
    "sketch": "for free sketches",
    "audio": "to measure loudness, silence and clipping",
    "s3": "for a store in object storage",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A package that is needed. ``extra`` is None for one that is always needed."""

    package: str
    bounds: tuple[tuple[str, str], ...]
    extra: str | None = None

    def __str__(self) -> str:
        return self.package + ",".join(sign + version for sign, version in self.bounds)


def requirement_of(text: str) -> Requirement | None:
    """Reads ``click<9,>=8.1.8; extra == 'x'``; None for what is no requirement."""
    found = _REQUIREMENT.match(text)
    extra = _EXTRA.search(text.partition(";")[2])
    if found is None:
        return None
    return Requirement(
        package=found[1],
        bounds=tuple(sorted(_BOUND.findall(found[2]), reverse=True)),
        extra=extra[1] if extra else None,
    )


def fits(version: str, bounds: Sequence[tuple[str, str]]) -> bool:
    """Whether a version keeps to bounds; of a pre-release, its number counts."""
    return all(_keeps(_numbers(version), sign, _numbers(bound)) for sign, bound in bounds)


def _keeps(version: tuple[int, ...], sign: str, bound: tuple[int, ...]) -> bool:
    length = max(len(version), len(bound))
    ours, theirs = (each + (0,) * (length - len(each)) for each in (version, bound))
    match sign:
        case ">=" | "~=":
            return ours >= theirs
        case "<":
            return ours < theirs
        case "<=":
            return ours <= theirs
        case ">":
            return ours > theirs
        case "!=":
            return ours != theirs
        case _:
            return ours == theirs


def _numbers(version: str) -> tuple[int, ...]:
    parts = (re.match(r"\d+", part) for part in version.split("."))
    return tuple(int(part[0]) if part else 0 for part in parts)


def judge_packages(needed: Sequence[Requirement], installed: Mapping[str, str | None]) -> Check:
    """The packages that every command needs. ``installed`` maps a package to its version."""
    always = [each for each in needed if each.extra is None]
    if not always:
        return skipped("packages", "songmake runs from a folder and is not installed")
    wrong = [_complaint(each, installed.get(each.package)) for each in always]
    complaints = [each for each in wrong if each is not None]
    if complaints:
        named = " ".join(f"'{each}'" for each, text in zip(always, wrong, strict=True) if text)
        return failure("packages", "; ".join(complaints), hint=f"pip install {named}")
    return ok("packages", f"{len(always)} of {len(always)}, in versions that are known to work")


def _complaint(needed: Requirement, version: str | None) -> str | None:
    if version is None:
        return f"{needed.package} is missing"
    return None if fits(version, needed.bounds) else f"{needed.package} {version} is not {needed}"


def judge_extras(
    needed: Sequence[Requirement],
    installed: Mapping[str, str | None],
    wanted: frozenset[Provider],
) -> Check:
    """What can be left out; the engine is not to be missed where an album is sketched."""
    there = [extra for extra in EXTRAS if _is_there(extra, needed, installed)]
    gone = [extra for extra in EXTRAS if extra not in there]
    if not gone:
        return ok("extras", ", ".join(there))
    hint = f"pip install 'songmake[{','.join(gone)}]'"
    told = "not installed: " + ", ".join(f"[{extra}] {EXTRAS[extra]}" for extra in gone)
    if "sketch" in gone and Provider.SKETCH in wanted:
        return failure("extras", told, hint=hint, code=ExitCode.USAGE)
    if "sketch" in gone or "audio" in gone:
        return warning("extras", told, hint=hint)
    return ok("extras", f"{', '.join(there)}; {told}")


def _is_there(
    extra: str, needed: Sequence[Requirement], installed: Mapping[str, str | None]
) -> bool:
    own = [each for each in needed if each.extra == extra]
    return bool(own) and all(
        (version := installed.get(each.package)) is not None and fits(version, each.bounds)
        for each in own
    )
