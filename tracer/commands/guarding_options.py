"""Options that the commands share that guard a call flow: how source is read, what is looked at, what is
said."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

FILE = click.Path(dir_okay=False, path_type=Path)
_FORMATS = ["text", "json", "junit", "sarif", "github", "markdown", "html"]


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How source is read; the command is given it as ``how``."""

    @wraps(command)
    def with_how(*words: Any, label: str, driver: str, with_tests: bool, no_cache: bool, **more: Any) -> Any:
        from tracer.guarding.inputs import How

        return command(*words, how=How(driver, with_tests, label, not no_cache), **more)

    for option in (
        click.option("--no-cache", is_flag=True, help="Parse every file anew."),
        click.option("--with-tests", is_flag=True, help="Read folders named tests as well."),
        click.option(
            "--driver", default="", help="Keep only drivers of this name where several could be loaded."
        ),
        click.option("--as", "label", default="", help="What to call the source, as in nova=34.0.0."),
    ):
        with_how = option(with_how)
    return with_how


def scope_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What of a flow is looked at; the command is given it as ``scope``."""

    @wraps(command)
    def with_scope(
        *words: Any,
        start: str,
        goal: str,
        packages: tuple[str, ...],
        services: tuple[str, ...],
        depth: int | None,
        backbone: bool,
        **more: Any,
    ) -> Any:
        from tracer.regression.scope import Scope

        if depth is not None and not start:
            raise click.UsageError("--depth counts calls from --from, which is not given")
        scope = Scope(start, goal, packages, services, depth or 0, backbone)
        return command(*words, scope=scope, **more)

    for option in (
        click.option(
            "--backbone", is_flag=True, help="Only the shortest ways to --to and to what leaves the process."
        ),
        click.option(
            "--depth", type=click.IntRange(1), default=None, metavar="N", help="At most N calls from --from."
        ),
        click.option(
            "--service",
            "services",
            multiple=True,
            metavar="NAME",
            help="Only this service's functions (recordings); repeatable.",
        ),
        click.option(
            "--package",
            "packages",
            multiple=True,
            metavar="NAME",
            help="Only functions of this package; repeatable.",
        ),
        click.option("--to", "goal", default="", metavar="F", help="Only what lies on ways to F."),
        click.option("--from", "start", default="", metavar="F", help="Only what F leads to."),
    ):
        with_scope = option(with_scope)
    return with_scope


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The report's form, as ``form``, and where it goes, as ``out``."""
    for option in (
        click.option("--out", type=FILE, help="Write the report to this file instead of standard output."),
        click.option(
            "--format",
            "form",
            type=click.Choice(_FORMATS),
            default="text",
            show_default=True,
            help="For people, for programs, for CI servers, for a review's comment, or a page.",
        ),
    ):
        command = option(command)
    return command
