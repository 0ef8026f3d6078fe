"""Exit codes, in the order in which they win, with the errors that end a command so."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator.comments import comments_of
from docs.generator.markdown import code, page, sentence, table
from pipeline import errors
from pipeline.core.run.outcome import REASONS
from pipeline.errors import FROZEN_PRECEDENCE, PRECEDENCE, ExitCode, SongmakeError


def exits_page(title: str) -> str:
    """The page."""
    told = comments_of(ExitCode)
    rows = [
        (
            f"**{int(exit_)}**",
            code(exit_.name),
            sentence(told[exit_.name]),
            sentence(REASONS[exit_]),
        )
        for exit_ in PRECEDENCE
    ]
    frozen = ", ".join(str(int(one)) for one in FROZEN_PRECEDENCE)
    return page(
        title,
        "A run can meet several of these; it ends with the first that applies, in this order. What"
        " a scheduler should do for each is in the [operator's guide](../operator.md).",
        table(("exit", "name", "what happened", "`summary.json` says"), rows),
        f"`render --frozen` says first what it could not give: {frozen}.",
        "## Errors",
        "Each of them is printed as `error: …`, most with a `hint:` to type.",
        table(("exit", "error", "when"), _errors()),
    )


def _errors() -> Iterator[tuple[str, str, str]]:
    found = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, SongmakeError) and kind is not SongmakeError
    ]
    for one in PRECEDENCE:
        for kind in found:
            if kind.exit_code is one:
                first = (kind.__doc__ or "").strip().split("\n\n")[0]
                yield str(int(one)), code(kind.__name__), first.replace("``", "`")
