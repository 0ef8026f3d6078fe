"""``--help`` in sections: what is meant, where it lies, what it may cost, how it is shown."""

from __future__ import annotations

import click

SECTIONS = {
    "What": ("select", "provider"),
    "Where": ("state", "output", "store"),
    "Buying": ("yes", "max_cost", "replace", "take_over", "fail_fast"),
    "Waiting": ("jobs", "no_wait", "max_duration", "poll_interval", "poll_timeout"),
    "Showing": ("dry_run", "progress", "quiet", "diff", "shows_all", "as_json", "help"),
}
LEAST_GROUPED = 9  # options; fewer are read through as they are
MANIFESTS = "MANIFESTS are album files or folders of them; manifests/ if none is named."


class Command(click.Command):
    """A command that says what its manifests are, and whose many options come in sections."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The text, and what MANIFESTS stands for."""
        super().format_help_text(ctx, formatter)
        if any(param.name == "manifests" for param in self.params):
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(MANIFESTS)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The command's own options first, then the sections."""
        records = {
            str(param.name): record
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
            and (record := param.get_help_record(ctx)) is not None
        }
        if len(records) < LEAST_GROUPED:
            super().format_options(ctx, formatter)
            return
        named = {name for names in SECTIONS.values() for name in names}
        with formatter.section("Options"):
            formatter.write_dl([found for name, found in records.items() if name not in named])
        for title, names in SECTIONS.items():
            found = [records[name] for name in names if name in records]
            if found:
                with formatter.section(title):
                    formatter.write_dl(found)
