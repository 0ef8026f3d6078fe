import itertools

import pytest

from pipeline.core.purchase.attempt import State
from pipeline.core.run.outcome import REASONS, causes_of_states, exit_code_of
from pipeline.errors import FROZEN_PRECEDENCE, PRECEDENCE, ExitCode

# The first that applies, as users script against it.
IN_ORDER = (2, 4, 7, 130, 143, 3, 1, 5, 6, 10, 0)


def test_the_first_code_of_the_table_that_applies_is_the_exit_code():
    assert tuple(map(int, PRECEDENCE)) == IN_ORDER
    for first, second in itertools.combinations(IN_ORDER, 2):
        assert exit_code_of([ExitCode(second), ExitCode(first)]) == first


def test_a_frozen_rebuild_says_first_what_it_could_not_give():
    assert sorted(FROZEN_PRECEDENCE) == sorted(PRECEDENCE)
    for weightier in (2, 4, 7):
        assert exit_code_of([ExitCode.DIFFERS, ExitCode(weightier)], FROZEN_PRECEDENCE) == weightier
    for lighter in (130, 143, 3, 1, 5, 6, 0):
        assert exit_code_of([ExitCode(lighter), ExitCode.DIFFERS], FROZEN_PRECEDENCE) == 10


def test_every_code_has_its_place_and_its_reason():
    assert set(PRECEDENCE) == set(ExitCode)
    assert set(REASONS) == set(ExitCode)


def test_nothing_amiss_is_0():
    assert exit_code_of([]) is ExitCode.OK


def test_all_causes_at_once_give_one_code():
    assert exit_code_of(ExitCode) is ExitCode.USAGE


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (State.PUBLISHED, 0),
        (State.PLANNED, 6),
        (State.INTENT, 6),
        (State.SUBMITTED, 6),
        (State.READY, 6),
        (State.STORED, 6),
        (State.IN_DOUBT, 3),
        (State.FAILED, 1),
        (State.REJECTED, 1),
        (State.LOST, 1),
    ],
)
def test_the_state_of_one_take_decides_over_all_that_went_well(state: State, code: int):
    causes = causes_of_states([State.PUBLISHED, state, State.PUBLISHED])
    assert exit_code_of(causes) == code
