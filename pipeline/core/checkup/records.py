"""Journal, run lock, lock files, store, manifests: what they say of themselves."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from pipeline.core.checkup.check import Check, failure, ok, skipped, warning
from pipeline.core.findings.diagnostics import Diagnostic, Severity
from pipeline.core.findings.phrases import counted
from pipeline.core.purchase.attempt import Attempt, State
from pipeline.errors import ExitCode


def judge_manifests(
    findings: Sequence[Diagnostic], *, albums: int, songs: int, is_valid: bool
) -> Check:
    """Whether what is wanted can be read."""
    errors = [found for found in findings if found.severity is Severity.ERROR]
    if not is_valid:
        first = errors[0]
        place = f"{first.file}:{first.position.line}:{first.position.column}"
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return failure(
            "manifests",
            f"{place}: {first.message}{more}",
            hint="songmake validate",
            code=ExitCode.USAGE,
        )
    told = f"{counted(albums, 'album')}, {counted(songs, 'song')}, valid"
    if findings:
        return warning(
            "manifests", f"{told}; {counted(len(findings), 'warning')}", hint="songmake validate"
        )
    return ok("manifests", told)


def judge_journal(attempts: Sequence[Attempt], *, form: int, newest_form: int) -> Check:
    """A journal that could be read: what it holds, and what of it waits for a person."""
    older = f", form {form}: the next render makes it {newest_form}" if form < newest_form else ""
    told = f"sound, {counted(len(attempts), 'attempt')}{older}"
    doubtful = sum(one.state is State.IN_DOUBT and not one.superseded_at for one in attempts)
    if doubtful:
        return warning(
            "journal", f"{told}; {counted(doubtful, 'take')} in doubt", hint="songmake status"
        )
    return ok("journal", told)


def judge_run_lock(holder: str | None) -> Check:
    """Whether another run is at work just now."""
    if holder is None:
        return ok("run lock", "free")
    return warning(
        "run lock",
        f"a run is at work: {holder}",
        hint="wait for it to end: until then render exits with 4",
    )


def judge_locks(
    shown: Collection[str], *, anothers: Sequence[str], problems: Sequence[tuple[str, str]]
) -> Check:
    """The lock files beside the manifests. ``problems`` are paths and what is wrong."""
    if not shown:
        return ok("lock files", "none yet: the first purchase writes one")
    if anothers:
        return warning(
            "lock files",
            f"{anothers[0]} belongs to another machine's journal: it is collected from, and "
            "nothing is bought beside it",
            hint="buy there, or take over here: songmake render --take-over",
        )
    if problems:
        path, problem = problems[0]
        return warning("lock files", f"{path}: {problem}", hint="songmake report")
    return ok("lock files", f"{len(shown)} in step with the journal")


def judge_store(shown: str, *, is_empty: bool, stored_takes: int, is_asked: bool) -> Check:
    """Where the pristine audio is."""
    if not is_asked:
        return skipped("store", f"{shown} was not asked: --offline")
    if is_empty and stored_takes:
        return failure(
            "store",
            f"{shown} is empty, and the journal knows {counted(stored_takes, 'stored take')}",
            hint="mount it, or name the one that holds them with --store; more: songmake verify",
            code=ExitCode.DAMAGED,
        )
    return ok("store", f"{shown} {'is empty' if is_empty else 'can be read'}")


def judge_editor(copies: Sequence[str], older: Sequence[str]) -> Check:
    """The copies of the manifest's schema that editors read. ``older`` are not today's."""
    if older:
        return warning(
            "editor",
            f"{older[0]} is not this songmake's schema",
            hint=f"songmake schema > {shlex.quote(older[0])}",
        )
    if not copies:
        return skipped("editor", "no album.schema.json beside the manifests")
    return ok("editor", f"{copies[0]} is today's")


def judge_completion(shell: str, is_set_up: bool) -> Check:
    """Whether the shell completes commands; a convenience."""
    if not shell:
        return skipped("completion", "the shell is none of bash, zsh and fish")
    if is_set_up:
        return ok("completion", f"set up in {shell}")
    return skipped(
        "completion", f"not set up in {shell}", hint=f"songmake completion {shell} --help"
    )
