"""What stands in neutron's place on a stack without network: it tells nova that there are no ports."""

from __future__ import annotations

from runtime.plan import StackPlan
from runtime.readiness import answers
from runtime.services.service import Service
from runtime.services.wsgi import SERVER, wsgi_command


def configure(plan: StackPlan) -> None:
    """Nothing to write: it has no choices."""


def services(plan: StackPlan) -> list[Service]:
    """Its one process, which only a stack without network has."""
    if plan.with_neutron:
        return []
    return [
        Service(
            name="no-network",
            command=wsgi_command(plan, "no-network", "no_network"),
            environment={"PYTHONPATH": str(SERVER.parent)},
            ready=lambda: answers(plan.ports["no-network"], "/v2.0/networks"),
            api="no-network",
        )
    ]
