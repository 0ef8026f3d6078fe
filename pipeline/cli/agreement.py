"""Before the first purchase: what is worth knowing, the plan, and somebody's consent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from pipeline.cli.plan_command import PlanLook, show_plan
from pipeline.cli.typed import again
from pipeline.core.money import price_text
from pipeline.core.purchase.actions import is_pending
from pipeline.core.purchase.consent import Consent, Standing, consent
from pipeline.core.purchase.plan import Buy
from pipeline.core.purchase.preflight import AheadFinding, FindingKind, Preflight
from pipeline.core.run.events import Event, Warned
from pipeline.core.wanted.album import Provider
from pipeline.errors import ConsentMissing
from pipeline.runner.clock import Clock
from pipeline.runner.render.preflight import preflight
from pipeline.runner.render.preparing import Prepared, RenderOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Called with the plan of a run; returns it at the prices that were agreed to, or raises.

    A price that has risen is agreed to by a person, or within a cap. ``--yes`` without a cap was
    said to the price that songmake knows: buying stops at the first song that costs more.
    """

    order: RenderOrder
    flags: dict[str, Any]
    emit: Callable[[Event], None]
    clock: Clock

    def __call__(self, prepared: Prepared) -> Prepared:
        """Raises ``ConsentMissing`` if nobody agrees; asks the provider only if somebody may."""
        agreed = prepared
        if self._decide(prepared) is not Consent.MISSING:
            agreed = self._look_ahead(prepared)
        self._show(agreed)
        self._enforce(self._decide(agreed), agreed)
        return agreed

    def _look_ahead(self, prepared: Prepared) -> Prepared:
        ahead = preflight(
            prepared.spending,
            base_url=self.order.base_url,
            key=self.order.key,
            clock=self.clock,
        )
        if ahead is None:
            return prepared
        agreed = prepared.at_quoted_prices(ahead, self._raisable())
        for finding in ahead.findings:
            hint = finding.hint or self._hint(finding, prepared, agreed, ahead)
            self.emit(Warned(message=finding.message, hint=hint))
        return agreed

    def _raisable(self) -> frozenset[str] | None:
        """The albums in which a risen price may be reserved; None is all of them."""
        if not self.flags["yes"] or self.flags["max_cost"] is not None:
            return None
        albums = self.order.workspace.albums
        return frozenset(str(album.id) for album in albums if album.budget_usd is not None)

    def _hint(
        self, finding: AheadFinding, before: Prepared, agreed: Prepared, ahead: Preflight
    ) -> str | None:
        if finding.kind is not FindingKind.PRICE_HIGHER:
            return None
        if agreed.actions == before.actions:
            price = price_text(ahead.quoted_microusd)
            return (
                "--yes was said to the old price: buying stops at the first song that costs more; "
                f"to agree to the new one: {again('--max-cost', price.removeprefix('$'))}"
            )
        return "the new price is reserved"

    def _show(self, prepared: Prepared) -> None:
        has_work = any(map(is_pending, prepared.actions))
        if not has_work or self.flags["quiet"] or self.flags["as_json"]:
            return
        show_plan(self.order.workspace, prepared.spending, PlanLook(is_result=False))

    def _decide(self, prepared: Prepared) -> Consent:
        return consent(
            price_microusd=prepared.price_microusd,
            albums=self._standings(prepared),
            is_yes=self.flags["yes"],
            has_max_cost=self.flags["max_cost"] is not None,
            is_terminal=sys.stdin.isatty() and sys.stderr.isatty(),
        )

    def _enforce(self, decision: Consent, prepared: Prepared) -> None:
        price = price_text(prepared.price_microusd)
        if decision is Consent.ASK and not _confirmed(f"spend up to {price}?"):
            raise ConsentMissing(
                "declined: nothing was bought", hint="to see the plan again: songmake plan"
            )
        if decision is Consent.MISSING:
            raise ConsentMissing(
                f"this would spend {price}, and there is no terminal to ask on",
                hint=f"to agree to it: {again('--yes')}\n"
                f"or to spend so much at most: {again('--max-cost', price.removeprefix('$'))}",
            )

    def _standings(self, prepared: Prepared) -> tuple[Standing, ...]:
        charged = {
            action.take.ref.album
            for action in prepared.actions
            if isinstance(action, Buy) and action.take.price_microusd
        }
        paid = {
            attempt.ref.album
            for attempt in prepared.attempts
            if attempt.provider is Provider.AIMLAPI
            and attempt.balance.committed
            and not attempt.is_adopted
        }
        return tuple(
            Standing(has_budget=album.budget_usd is not None, has_paid_takes=album.id in paid)
            for album in self.order.workspace.albums
            if album.id in charged
        )


def _confirmed(question: str) -> bool:
    """A person's answer; the end of input is a no, Ctrl-C stays what it is."""
    try:
        return click.confirm(question, err=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, EOFError):
            return False
        raise
