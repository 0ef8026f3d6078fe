"""How a person decides a take whose answer was lost, as one line that ends in a command."""

from __future__ import annotations


def settle_hint(name: object) -> str:
    """What to type for the take or client request id of that name."""
    return (
        "with --charged, --not-charged or its id in the provider's log: "
        f"songmake settle '{name}' --generation ID"
    )
