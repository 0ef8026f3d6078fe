"""Key, provider and clock. The key is never shown: its shape alone is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.core.checkup.check import Check, failure, ok, skipped, warning
from pipeline.core.ledger.account_answers import Balance, BalanceAnswer
from pipeline.core.money import microusd, price_text
from pipeline.core.purchase.answers import Unreachable
from pipeline.errors import ExitCode

SHORTEST_KEY = 16
UNNOTICED_S = 30  # an answer has its way too, and its date whole seconds
LARGEST_SKEW_S = 600  # beyond it a lost answer is looked for beside its place; buckets refuse 900
REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a server said to one free question. ``balance`` is None if no key was shown to it."""

    status: int
    at: datetime | None
    balance: BalanceAnswer | None


def judge_key(key: str | None, *, is_buying: bool) -> Check:
    """Whether there is a key that looks like one."""
    if key is None and is_buying:
        return failure(
            "key",
            "AIMLAPI_KEY is not set, and an album is to be bought from aimlapi",
            hint="export AIMLAPI_KEY=…",
            code=ExitCode.USAGE,
        )
    if key is None:
        return ok("key", "not set; sketches need none")
    if len(key) < SHORTEST_KEY or key[0] in "'\"<$" or key.casefold().startswith("bearer"):
        return warning(
            "key",
            f"AIMLAPI_KEY is set, and does not look like a key: {len(key)} characters",
            hint="copy it again, without quotes: export AIMLAPI_KEY=…",
        )
    return ok("key", f"AIMLAPI_KEY is set: {len(key)} characters")


def judge_reach(host: str, answer: Greeting | Unreachable) -> Check:
    """Whether the provider answers, and takes the key."""
    if isinstance(answer, Unreachable):
        return failure(
            "provider",
            f"{host} cannot be reached: {answer.reason}",
            hint="check network and proxy, or AIMLAPI_BASE_URL; offline: songmake doctor --offline",
            code=ExitCode.UNFINISHED,
        )
    if answer.balance is None:
        return ok("provider", f"{host} answers")
    if answer.status in REFUSED:
        return failure(
            "provider",
            f"{host} refuses the key: HTTP {answer.status}",
            hint="make or renew a key in the provider's console, then: export AIMLAPI_KEY=…",
        )
    if not isinstance(answer.balance, Balance):
        return ok("provider", f"{host} answers; it tells no balance ({answer.balance.reason})")
    balance = price_text(microusd(max(answer.balance.usd, answer.balance.usd * 0)))
    if answer.balance.usd <= 0:
        return warning(
            "provider", f"{host} takes the key; the balance is used up", hint="top up the account"
        )
    return ok("provider", f"{host} takes the key; balance {balance}")


def judge_clock(answer: Greeting | Unreachable | None, *, now: datetime) -> Check:
    """Whether this machine's clock agrees with the provider's."""
    if not isinstance(answer, Greeting) or answer.at is None:
        return skipped("clock", "nobody was asked for the time")
    off_s = round((now - answer.at).total_seconds())
    told = f"{abs(off_s)} s {'ahead of' if off_s > 0 else 'behind'} the provider's"
    if abs(off_s) <= UNNOTICED_S:
        return ok("clock", "agrees with the provider's")
    hint = "set it by the network: timedatectl set-ntp true"
    if abs(off_s) <= LARGEST_SKEW_S:
        return warning("clock", told, hint=hint)
    return failure("clock", told, hint=hint)
