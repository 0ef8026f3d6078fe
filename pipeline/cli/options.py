"""The options that commands share, each with its environment variable."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from pipeline.cli.typed import Colour, coloured, remembered
from pipeline.core.wanted.album import Provider

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Usd(click.ParamType[Decimal]):
    """A sum of money in dollars, exact."""

    name = "usd"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """Reads ``3``, ``3.00`` or ``$3.00``; refuses negative sums and what is no number."""
        if isinstance(value, Decimal):
            return value
        try:
            amount = Decimal(str(value).strip().removeprefix("$"))
        except InvalidOperation:
            self.fail(f"'{value}' is not a sum of money, such as 3.00", param, ctx)
        if not amount.is_finite() or not 0 <= amount < 10**9:
            self.fail(f"'{value}' is not a sum of money, such as 3.00", param, ctx)
        return amount


class Seconds(click.ParamType[float]):
    """A span of time in seconds, above zero and finite."""

    name = "seconds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Reads ``0.5`` or ``30``."""
        try:
            span_s = float(value)
        except ValueError:
            span_s = -1.0
        if not 0 < span_s < 10**8:
            self.fail(f"'{value}' is not a time in seconds above 0", param, ctx)
        return span_s


def setting(*names: str, **options: Any) -> Callable[[Decorated], Decorated]:
    """An option that ``SONGMAKE_<FLAG>`` sets too."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = f"SONGMAKE_{long.removeprefix('--').replace('-', '_').upper()}"
    return click.option(*names, envvar=variable, **options)


def manifests_argument(command: Decorated) -> Decorated:
    """Manifest files or folders; ``manifests/`` if none is named."""
    return click.argument(
        "manifests", nargs=-1, type=click.Path(path_type=Path), callback=remembered
    )(command)


def store_option(command: Decorated) -> Decorated:
    """``--store``."""
    return setting(
        "--store",
        metavar="URL",
        callback=remembered,
        help="Where the pristine audio is: a folder, s3://bucket/prefix, gs://… or az://…; "
        "credentials come from the environment.  [default: store/ in --state]",
    )(command)


def folder_options(command: Decorated) -> Decorated:
    """``--state`` and ``--output``."""
    output = setting(
        "--output",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        callback=remembered,
        help="Where tracks and reports go.  [default: outputs/ of the project]",
    )
    state = setting(
        "--state",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        callback=remembered,
        help="Where the journal is.  [default: .songmake/ of the project]",
    )
    return output(state(command))


def select_option(command: Decorated) -> Decorated:
    """``--select``, repeatable."""
    return setting(
        "--select",
        "-s",
        multiple=True,
        metavar="SEL",
        callback=remembered,
        help="Only these takes: coda, album/coda, 'coda#2', globs, tag:closer, state:failed.",
    )(command)


def provider_option(command: Decorated) -> Decorated:
    """``--provider``, which overrides the manifests'."""
    return setting(
        "--provider",
        type=click.Choice([provider.value for provider in Provider]),
        callback=remembered,
        help="Who renders: aimlapi (paid) or sketch (free); overrides the manifest.",
    )(command)


def json_option(command: Decorated) -> Decorated:
    """``--json``."""
    return setting("--json", "as_json", is_flag=True, help="Print JSON instead of text.")(command)


def color_option(*, is_root: bool) -> Callable[[Decorated], Decorated]:
    """``--color``, before a command's name and after it; only the first has a variable."""
    return click.option(
        "--color",
        type=click.Choice([colour.value for colour in Colour]),
        envvar="SONGMAKE_COLOR" if is_root else None,
        callback=coloured,
        expose_value=False,
        is_eager=True,
        hidden=not is_root,
        help="When to colour: auto, on a terminal, unless NO_COLOR is set.  [default: auto]",
    )
