"""Glance, the image service."""

from __future__ import annotations

from runtime.plan import StackPlan
from runtime.readiness import answers
from runtime.rendering import render
from runtime.services.service import Service
from runtime.services.wsgi import wsgi_command


def configure(plan: StackPlan) -> None:
    """Write glance's configuration and make its stores."""
    state = plan.layout.state / "glance"
    for store in ("images", "staging", "tasks"):
        (state / store).mkdir(parents=True, exist_ok=True)
    render("glance-api.conf.j2", plan, plan.layout.config / "glance" / "glance-api.conf", state=state)


def services(plan: StackPlan) -> list[Service]:
    """Glance's one process."""
    return [
        Service(
            name="glance",
            lane="glance",
            command=wsgi_command(plan, "glance", "glance.wsgi.api"),
            environment={"OS_GLANCE_CONFIG_DIR": str(plan.layout.config / "glance")},
            ready=lambda: answers(plan.ports["glance"], "/versions"),
            after=("keystone",),
            api="glance",
        )
    ]
