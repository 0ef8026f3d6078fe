"""What a run says of itself as a whole: at its beginning, and of its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.core.purchase.actions import verb_of
from pipeline.core.purchase.attempt import Attempt
from pipeline.core.purchase.plan import Action, Buy, Keep
from pipeline.core.run.events import Event, RunStarted, Warned
from pipeline.core.run.expecting import Kind, history_of, kind_of
from pipeline.core.sound.take_quality import Listening
from pipeline.core.wanted.album import Provider, TakeRef
from pipeline.core.wanted.profile import profile_of
from pipeline.runner.outputs.known import Known
from pipeline.runner.render.preparing import Prepared, RenderOrder
from pipeline.runner.workspace import Workspace


def start_of(
    workspace: Workspace, actions: Sequence[Action], attempts: Sequence[Attempt]
) -> RunStarted:
    """The beginning of a run that buys nothing."""
    verbs = [verb_of(action) for action in actions]
    albums = workspace.caps_microusd
    return RunStarted(
        takes=len(actions),
        kept=frozenset(action.take.ref for action in actions if isinstance(action, Keep)),
        plan={verb: verbs.count(verb) for verb in dict.fromkeys(verbs)},
        budgets=albums,
        balances={
            attempt.client_request_id: attempt.balance
            for attempt in attempts
            if attempt.ref.album in albums
        },
        is_frozen=True,
    )


def start_of_render(order: RenderOrder, prepared: Prepared) -> RunStarted:
    """The beginning of a render, with what its purchases may take in money and time."""
    workspace, attempts = order.workspace, prepared.attempts
    start = start_of(workspace, prepared.actions, attempts)
    wanted = {action.take.ref for action in prepared.actions if action.take is not None}
    others = {action.attempt.ref for action in prepared.extra} - wanted
    return RunStarted(
        takes=start.takes,
        further=len(others),
        kept=start.kept,
        plan=start.plan,
        to_buy={
            action.take.ref: kind_of(action.take.provider, action.take.model)
            for action in prepared.actions
            if isinstance(action, Buy)
        },
        price_microusd=prepared.price_microusd,
        limit_microusd=prepared.caps.run_microusd,
        budgets=start.budgets,
        balances=start.balances,
        jobs=order.settings.jobs,
        history=history_of(attempts),
        usual_waits={
            Kind(album.provider, profile.model): profile.usual_wait
            for album in workspace.albums
            for profile in (profile_of(song, workspace.profiles) for song in album.songs)
            if album.provider is Provider.AIMLAPI and profile.usual_wait is not None
        },
    )


def noting_blames(emit: Callable[[Event], None], blames: list[Warned]) -> Callable[[Event], None]:
    """``emit`` that keeps the warnings which name an exit code."""

    def note(event: Event) -> None:
        if isinstance(event, Warned) and event.code is not None:
            blames.append(event)
        emit(event)

    return note


def needing_ears(workspace: Workspace, known: Known) -> tuple[TakeRef, ...]:
    """The wanted takes that somebody should hear, in order."""
    listening = Listening.of(workspace.takes, known.ledger, known.measurements)
    found = ((take.ref, known.ledger.current(take)) for take in workspace.takes)
    return tuple(
        ref for ref, attempt in found if attempt is not None and listening.findings(attempt, ref)
    )
