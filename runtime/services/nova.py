"""Nova, the compute service: its API, conductor, scheduler and compute."""

from __future__ import annotations

import shutil
from pathlib import Path

from runtime.identity import Administrator, compute_service_is_up, hypervisor_is_known
from runtime.plan import HOST, INTEGRATION_BRIDGE, SWITCH_DATABASE_PORT, StackPlan
from runtime.readiness import answers
from runtime.rendering import privilege_helper, render
from runtime.services.service import Service
from runtime.services.views import network_view, write_network_view
from runtime.services.wsgi import wsgi_command


def configure(plan: StackPlan) -> None:
    """Write nova's configuration, and the script that shows nova-compute the stack's network devices."""
    config = config_file(plan)
    state = plan.layout.state / "nova"
    # nova-compute registers only where this folder is.
    plan.layout.instances.mkdir(parents=True, exist_ok=True)
    (state / "lock").mkdir(exist_ok=True)
    render(
        "nova.conf.j2",
        plan,
        config,
        state=state,
        host=HOST,
        integration_bridge=INTEGRATION_BRIDGE,
        switch_port=SWITCH_DATABASE_PORT,
        helper=privilege_helper(plan, config),
    )
    shutil.copyfile(plan.environment.share("etc/nova/api-paste.ini"), config.parent / "api-paste.ini")
    write_network_view(plan)


def config_file(plan: StackPlan) -> Path:
    """The one configuration file of all of nova."""
    return plan.layout.config / "nova" / "nova.conf"


def services(plan: StackPlan) -> list[Service]:
    """Nova's four services."""
    admin = Administrator(plan)

    def program(name: str) -> tuple[str, ...]:
        return (str(plan.environment.program(name)), "--config-file", str(config_file(plan)))

    def compute_ready() -> None:
        compute_service_is_up(admin, "nova-compute")
        hypervisor_is_known(admin)

    return [
        Service(
            name="nova-conductor",
            lane="nova-conductor",
            command=program("nova-conductor"),
            ready=lambda: compute_service_is_up(admin, "nova-conductor"),
            after=("identity", "rabbitmq"),
        ),
        Service(
            name="nova-scheduler",
            lane="nova-scheduler",
            command=program("nova-scheduler"),
            ready=lambda: compute_service_is_up(admin, "nova-scheduler"),
            after=("identity", "rabbitmq"),
        ),
        Service(
            name="nova-api",
            lane="nova-api",
            command=wsgi_command(plan, "nova-api", "nova.wsgi.osapi_compute"),
            environment={"OS_NOVA_CONFIG_DIR": str(plan.layout.config / "nova")},
            ready=lambda: answers(plan.ports["nova-api"], "/"),
            after=("identity", "rabbitmq"),
            api="nova-api",
        ),
        Service(
            name="nova-compute",
            lane="nova-compute",
            command=program("nova-compute"),
            ready=compute_ready,
            after=("identity", "libvirtd", "rabbitmq"),
            view=network_view(plan),
        ),
    ]
