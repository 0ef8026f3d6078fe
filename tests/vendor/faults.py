"""The rules by which the double misbehaves: where, how often, and what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_GENERIC = frozenset(
    (
        "status", "html200", "empty200", "bad_json", "redirect", "hang", "delay", "drip",
        "truncate", "reset_after_read", "gzip_bomb", "huge",
    )
)  # fmt: skip
_AFTER_ACCEPTANCE = frozenset(
    f"accept_then_{what}" for what in (*(_GENERIC - {"reset_after_read"}), "reset", "no_id")
)
KNOWN: dict[str, frozenset[str]] = {
    "connect": frozenset(("reset_before_read",)),
    "post": _GENERIC
    | _AFTER_ACCEPTANCE
    | {
        "reset_before_read", "dearer", "no_usage", "usage_credits_only", "slashed_id", "same_id",
    },
    "poll": _GENERIC
    | {
        "unknown_status", "error_status", "completed_without_url", "bad_url_scheme", "generating",
    },
    "logs": _GENERIC | {"lag", "never_has_more_false"},
    "billing": _GENERIC | {"currency", "garbage"},
    "transactions": _GENERIC
    | {"amount", "missing", "refund", "twice", "endless", "circle", "garbage"},
    "models": _GENERIC
    | {"unlisted", "alias", "variants", "variable", "per_second", "no_pricing", "garbage"},
    "deprecations": _GENERIC | {"deprecated", "superseded", "withdrawn", "garbage"},
    "cdn": _GENERIC
    | {
        "truncate_no_length", "chunked_truncate", "no_range", "wrong_range", "slow", "reset_at",
        "garbage", "changed", "expire_link",
    },
}  # fmt: skip
_OPTIONS: dict[str, type | tuple[type, ...]] = {
    "status": int,
    "retry_after": str,
    "body": str,
    "headers": dict,
    "seconds": (int, float),
    "bytes": int,
    "bytes_per_s": int,
    "location": str,
    "usd": (int, float),
    "value": str,
    "message": str,
    "head": bool,
}
_BODIES = ("problem", "message", "html", "empty")


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault: ``times`` uses (None: always) after letting ``skip`` matching requests pass.

    ``match`` narrows it to requests whose generation has that text in prompt, lyrics, client
    request id or generation id. ``passed`` and ``hits`` count what it let through and broke.
    """

    number: int
    where: str
    do: str
    times: int | None = 1
    skip: int = 0
    match: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    passed: int = 0
    hits: int = 0

    def is_due(self) -> bool:
        """Counts one matching request; True when this rule is to break it."""
        if self.times is not None and self.hits >= self.times:
            return False
        if self.passed < self.skip:
            self.passed += 1
            return False
        self.hits += 1
        return True

    def document(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "where": self.where,
            "do": self.do,
            "times": self.times,
            "skip": self.skip,
            "match": self.match,
            "passed": self.passed,
            "hits": self.hits,
            **self.options,
        }


def parse_rule(number: int, wish: dict[str, Any]) -> Rule:
    """A checked rule; raises ``ValueError`` for anything unknown, so that no test tests nothing."""
    rest = dict(wish)
    where, what = rest.pop("where", None), rest.pop("do", None)
    times, skip, match = rest.pop("times", 1), rest.pop("skip", 0), rest.pop("match", None)
    if where not in KNOWN:
        raise ValueError(f"where must be one of {', '.join(KNOWN)}")
    bare = str(what).removeprefix("accept_then_")
    if bare.isdigit() and len(bare) == 3:
        what, rest["status"] = str(what).replace(bare, "status"), int(bare)
    if what not in KNOWN[where]:
        raise ValueError(f"no fault {what!r} at {where}")
    if not (times is None or (type(times) is int and times > 0)):
        raise ValueError("times must be a positive whole number, or null for always")
    if type(skip) is not int or skip < 0:
        raise ValueError("skip must be a whole number from 0")
    if not (match is None or isinstance(match, str)):
        raise ValueError("match must be a string")
    for name, choice in rest.items():
        if name not in _OPTIONS or not isinstance(choice, _OPTIONS[name]):
            raise ValueError(f"option {name!r} is unknown or of the wrong type")
    if rest.get("bytes_per_s", 1) < 1 or rest.get("bytes", 0) < 0 or rest.get("seconds", 0) < 0:
        raise ValueError("option out of range: bytes, bytes_per_s or seconds")
    if rest.get("body", "problem") not in _BODIES:
        raise ValueError(f"body must be one of {', '.join(_BODIES)}")
    return Rule(
        number=number, where=where, do=what, times=times, skip=skip, match=match, options=rest
    )


class RuleBook:
    """The rules in force, in order; the first that is due breaks a request."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._last = 0

    def add(self, wish: dict[str, Any]) -> Rule:
        """Appends a rule; raises ``ValueError``."""
        self._last += 1
        rule = parse_rule(self._last, wish)
        self.rules.append(rule)
        return rule

    def replace(self, wishes: list[dict[str, Any]]) -> None:
        """Exactly these rules from now on, or, on ``ValueError``, the old ones."""
        before, self.rules = self.rules, []
        try:
            for wish in wishes:
                self.add(wish)
        except ValueError:
            self.rules = before
            raise

    def take_at_accept(self) -> Rule | None:
        """The rule that resets a new connection before anything is read."""
        return self._take(
            lambda rule: rule.do == "reset_before_read" and rule.where in ("connect", "post")
        )

    def take(self, where: str, text: str) -> Rule | None:
        """The rule that breaks this request, already counted."""
        return self._take(
            lambda rule: (
                rule.where == where
                and rule.do != "reset_before_read"
                and (rule.match is None or rule.match in text)
            )
        )

    def _take(self, fits: Any) -> Rule | None:
        return next((rule for rule in self.rules if fits(rule) and rule.is_due()), None)
