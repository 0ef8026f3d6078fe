"""The comment beside each member of an enum: what the code says of it in one line."""

from __future__ import annotations

import inspect
import io
import tokenize
from enum import Enum


def comments_of(kind: type[Enum]) -> dict[str, str]:
    """Member name to its comment. Raises ``LookupError`` for a member without one."""
    found: dict[str, str] = {}
    name = ""
    for token in tokenize.generate_tokens(io.StringIO(inspect.getsource(kind)).readline):
        if token.type == tokenize.NAME and token.string in kind.__members__ and not name:
            name = token.string
        elif token.type == tokenize.COMMENT and name:
            found[name] = token.string.removeprefix("#").strip()
        elif token.type == tokenize.NEWLINE:
            name = ""
    missing = [name for name in kind.__members__ if name not in found]
    if missing:
        raise LookupError(f"{kind.__name__}: no comment beside {', '.join(missing)}")
    return found
