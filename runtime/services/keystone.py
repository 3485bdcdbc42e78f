"""Keystone, the identity service."""

from __future__ import annotations

from runtime.credentials import write_key_repository
from runtime.plan import StackPlan
from runtime.readiness import answers
from runtime.rendering import render
from runtime.services.service import Service
from runtime.services.wsgi import wsgi_command


def configure(plan: StackPlan) -> None:
    """Write keystone's configuration and fresh keys."""
    state = plan.layout.state / "keystone"
    for keys in ("fernet-keys", "credential-keys"):
        write_key_repository(state / keys)
    render("keystone.conf.j2", plan, plan.layout.config / "keystone" / "keystone.conf", state=state)


def services(plan: StackPlan) -> list[Service]:
    """Keystone's one process."""
    return [
        Service(
            name="keystone",
            lane="keystone",
            command=wsgi_command(plan, "keystone", "keystone.wsgi.api"),
            environment={"OS_KEYSTONE_CONFIG_DIR": str(plan.layout.config / "keystone")},
            ready=lambda: answers(plan.ports["keystone"], "/v3"),
            after=("mariadb",),
            api="keystone",
        )
    ]
