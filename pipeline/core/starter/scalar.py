"""A text as a YAML scalar that means exactly this text, to every reader of YAML 1.1 and 1.2."""

from __future__ import annotations

import re

from pipeline.core.findings.characters import is_invisible

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:(?: |, |-)[A-Za-z0-9]+)*")
_WORDS_WITH_A_MEANING = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_SHORT = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_JOINERS = "\u200c\u200d"  # scripts and emoji need them where they stand


def scalar_of(text: str) -> str:
    """Unquoted where nobody could read it otherwise, else in double quotes; always one line.

    What a reader cannot see is escaped, so that it shows.
    """
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS_WITH_A_MEANING:
        return text
    return '"' + "".join(map(_quoted, text)) + '"'


def _quoted(sign: str) -> str:
    if sign in _SHORT:
        return _SHORT[sign]
    if sign in _JOINERS or not is_invisible(sign):
        return sign
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
