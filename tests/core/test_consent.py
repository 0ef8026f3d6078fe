import itertools

import pytest

from pipeline.core.purchase.consent import Consent, Standing, consent

KNOWN = Standing(has_budget=True, has_paid_takes=True)
NEW = Standing(has_budget=True, has_paid_takes=False)
UNLIMITED = Standing(has_budget=False, has_paid_takes=True)


def asked(**fields):
    asking = {
        "price_microusd": 195_000,
        "albums": (NEW,),
        "is_yes": False,
        "has_max_cost": False,
        "is_terminal": False,
    }
    return consent(**{**asking, **fields})


def test_what_is_free_needs_nobodys_consent():
    for is_terminal in (True, False):
        assert asked(price_microusd=0, is_terminal=is_terminal) is Consent.GIVEN


def test_a_terminal_is_asked_whatever_budget_there_is():
    assert asked(is_terminal=True) is Consent.ASK
    assert asked(is_terminal=True, albums=(KNOWN,)) is Consent.ASK
    assert asked(is_terminal=True, has_max_cost=True) is Consent.ASK


def test_yes_is_yes_everywhere():
    for is_terminal in (True, False):
        assert asked(is_yes=True, is_terminal=is_terminal) is Consent.GIVEN


def test_off_a_terminal_a_cap_for_this_run_is_consent():
    assert asked(has_max_cost=True) is Consent.GIVEN
    assert asked() is Consent.MISSING


@pytest.mark.parametrize("stranger", [NEW, UNLIMITED])
def test_a_budget_is_consent_for_albums_alone_that_were_bought_from_before(stranger: Standing):
    assert asked(albums=(KNOWN,)) is Consent.GIVEN
    assert asked(albums=(stranger,)) is Consent.MISSING
    assert asked(albums=(KNOWN, stranger)) is Consent.MISSING


def test_nothing_but_the_words_above_ever_gives_consent():
    for albums, is_terminal in itertools.product([(NEW,), (UNLIMITED,)], [True, False]):
        assert asked(albums=albums, is_terminal=is_terminal) is not Consent.GIVEN
