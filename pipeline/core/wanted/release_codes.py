"""ISRC and UPC or EAN: the codes that a release is known by. They are checked, never made up."""

from __future__ import annotations

_GTIN_DIGITS = 13


def normal_isrc(written: str) -> str:
    """An ISRC as files and stores hold it: capitals, no hyphens."""
    return written.replace("-", "").upper()


def gtin_check_digit(digits: str) -> str:
    """The last digit that a UPC or EAN must have; ``digits`` are those before it.

    GS1's rule: from the right they count three times and once by turns, and the check digit fills
    the sum up to the next ten.
    """
    total = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits))
    )
    return str(-total % 10)


def is_gtin(code: str) -> bool:
    """Whether the last digit of a UPC or EAN agrees with the others."""
    return code.isascii() and code.isdigit() and code[-1] == gtin_check_digit(code[:-1])


def catalog_number(code: str | None) -> str | None:
    """A UPC or EAN in the thirteen digits of a disc's catalogue number; None if it has more."""
    digits = (code or "").lstrip("0").zfill(_GTIN_DIGITS)
    return digits if code and len(digits) == _GTIN_DIGITS else None
