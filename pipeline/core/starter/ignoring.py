"""Which lines a ``.gitignore`` lacks, so that state and outputs stay out of a repository."""

from __future__ import annotations

from collections.abc import Iterable


def missing_lines(text: str, folders: Iterable[str]) -> tuple[str, ...]:
    """The lines to add for folders (paths below the repository's root, with ``/``)."""
    there = {_bare(line) for line in text.splitlines()}
    return tuple(
        f"/{folder}/"
        for folder in folders
        if not there & {folder, folder.rpartition("/")[2], f"{folder}/*", f"{folder}/**"}
    )


def with_lines(text: str, lines: Iterable[str]) -> str:
    """The text with these lines at its end, whatever it ended with."""
    end = "" if not text or text.endswith("\n") else "\n"
    return text + end + "".join(f"{line}\n" for line in lines)


def _bare(line: str) -> str:
    return line.strip().removeprefix("**/").strip("/")
