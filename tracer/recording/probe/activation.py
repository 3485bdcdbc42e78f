"""Bringing the probe up in a process whose environment asks for it."""

from __future__ import annotations

import os

from . import guard, session
from .attach import Attach, attach_all
from .hooks import executors, greenlets, http, messaging, privsep, programs, threads, wsgi
from .settings import Settings
from .traceparent import parse

CARRIERS = (wsgi, http, messaging, threads, executors, greenlets, privsep, programs)


def activate(environment: dict[str, str] | None = None) -> None:
    """Install the session and the hooks; called once in a process, as a rule by ``sitecustomize``.

    Args:
        environment: the variables that say what to do; None for the process's own.
    """
    settings = Settings(dict(os.environ) if environment is None else environment)
    installed = session.install(settings)
    hooks: dict[str, list[Attach]] = {}
    for carrier in CARRIERS:
        for module, attach in carrier.hooks(installed).items():
            hooks.setdefault(module, []).append(attach)
    try:
        attach_all(hooks)
        link = parse(settings.parent)
        if link is not None:
            programs.follow_whole(installed, *link)
    except Exception as error:
        guard.failed(error, "attaching hooks")
