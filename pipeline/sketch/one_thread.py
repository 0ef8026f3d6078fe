"""One thread for a song's sums: shared among several, they come out otherwise in the last bit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

Given = ParamSpec("Given")
Made = TypeVar("Made")


def on_one_thread(make: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same function, with numpy's matrix products on the caller's thread alone.

    A matrix product that several threads share is cut where their number says, and rounds
    differently at the cuts: a song would depend on the machine's cores, and on who renders it.
    """

    @wraps(make)
    def alone(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with threadpool_limits(limits=1, user_api="blas"):
            return make(*args, **kwargs)

    return alone
