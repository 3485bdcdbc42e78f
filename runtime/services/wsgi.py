"""Services that are a WSGI application without a program of their own."""

from __future__ import annotations

from pathlib import Path

from runtime.plan import StackPlan

SERVER = Path(__file__).parent.parent / "inside" / "serve_wsgi.py"


def wsgi_command(plan: StackPlan, name: str, module: str) -> tuple[str, ...]:
    """The command that serves an application.

    Args:
        plan: the stack.
        name: the service's name, whose port is used.
        module: the module that holds ``application``.
    """
    # -P: the server's own folder must not be searched for the services' modules.
    return (str(plan.environment.python), "-P", str(SERVER), name, module, str(plan.ports[name]))
