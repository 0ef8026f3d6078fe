"""``songmake doctor --json``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.core.checkup.check import Check, exit_code


def doctor_document(checks: Sequence[Check]) -> dict[str, Any]:
    """Every check in its order, and the exit code that they come to."""
    return {
        "schema": "songmake/doctor/1",
        "exit_code": int(exit_code(checks)),
        "checks": [
            {
                "check": check.name,
                "verdict": check.verdict.value,
                "message": check.message,
                "hint": check.hint,
            }
            for check in checks
        ],
    }
