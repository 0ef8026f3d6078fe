from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sketch.faults import (
    EFFECTS,
    Effect,
    FaultBook,
    FaultInvalidError,
    Place,
    parse_fault,
)


def test_a_fault_is_a_place_an_effect_options_and_a_count() -> None:
    fault = parse_fault("post:429:retry-after=5:skip=1:match=coda*3")
    assert (fault.place, fault.effect, fault.status) == (Place.POST, Effect.STATUS, 429)
    assert (fault.retry_after, fault.skip, fault.match, fault.times) == ("5", 1, "coda", 3)


def test_a_fault_acts_once_if_no_count_is_given_and_always_with_a_bare_star() -> None:
    assert parse_fault("cdn:404").times == 1
    assert parse_fault("cdn:404*").times is None


def test_every_effect_of_every_place_can_be_asked_for() -> None:
    for place, effects in EFFECTS.items():
        for effect in effects:
            assert parse_fault(f"{place}:{effect}").effect is effect
    accepted = parse_fault("post:502-after-accept")
    assert (accepted.effect, accepted.status) == (Effect.STATUS_AFTER_ACCEPT, 502)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("pots:429", "did you mean post?"),
        ("poll:unknown_status", "did you mean unknown-status?"),
        ("cdn:expird", "did you mean expired?"),
        ("post:500-after-acept", "did you mean 500-after-accept?"),
        ("poll:500-after-accept", "only a POST is accepted"),
        ("post:200", "400 to 599"),
        ("post:429:retry_after=5", "did you mean retry-after?"),
        ("post:429:retry-after", "write retry-after=VALUE"),
        ("post:429:skip=1:skip=2", "once"),
        ("post:slow:seconds=soon", "seconds=0.5"),
        ("post:429:body=problm", "did you mean problem?"),
        ("post:429*0", "write *3"),
        ("cdn:403*2:match=coda", "write cdn:403:match=coda*2"),
        ("cdn:expired:retry-after=5", "leave retry-after out"),
        ("logs:404:match=coda", "leave match out"),
        ("429", "post:429*3"),
        ("", "post:429*3"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_could_be_meant(text: str, hint: str) -> None:
    with pytest.raises(FaultInvalidError) as refused:
        parse_fault(text)
    assert hint in refused.value.hint


@given(st.text(alphabet="postlcdn:*=-429 \né", max_size=40))
def test_no_text_breaks_the_reader_of_faults(text: str) -> None:
    with suppress(FaultInvalidError):
        assert parse_fault(text).text == text


def test_faults_are_used_up_in_order_and_only_by_what_they_match() -> None:
    book = FaultBook([parse_fault(text) for text in ("post:429:match=coda*2", "post:500:skip=1")])
    met = [book.due(Place.POST, subject) for subject in ("coda", "other", "coda", "coda", "coda")]
    statuses = [fault.status if fault else None for fault in met]
    assert statuses == [429, None, 429, 500, None]
    assert book.due(Place.POLL, "coda") is None
