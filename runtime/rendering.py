"""Configuration files, rendered from the templates that lie beside this module."""

from __future__ import annotations

import functools
import shlex
from pathlib import Path

import jinja2

from runtime.credentials import write_private
from runtime.plan import StackPlan

TEMPLATES = Path(__file__).parent / "templates"


def render(template: str, plan: StackPlan, target: Path, **values: object) -> Path:
    """Write a configuration file that its owner alone may read, as most of them hold a password.

    Args:
        template: the template's name, ``nova.conf.j2``.
        plan: the stack it is for, ``plan`` in the template.
        target: the file to write; its folder is made.
        values: further names for the template.

    Returns:
        ``target``.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    write_private(target, _templates().get_template(template).render(plan=plan, **values))
    return target


def privilege_helper(plan: StackPlan, *config_files: Path) -> str:
    """The command line by which a service starts its privileged twin, with the twin's own extra environment.

    Args:
        plan: the stack.
        config_files: what the twin is configured by.
    """
    extra = [f"{name}={value}" for name, value in sorted(plan.extra_environment("privsep").items())]
    command = [str(plan.environment.program("privsep-helper"))]
    for file in config_files:
        command += ["--config-file", str(file)]
    return shlex.join(["env", *extra, *command] if extra else command)


@functools.cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # In these files a dollar sign refers to another option.
    environment.filters["oslo"] = lambda value: str(value).replace("$", "$$")
    return environment
