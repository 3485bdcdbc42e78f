"""Nova, the compute service: its API, conductor, scheduler and compute."""

from __future__ import annotations

import shutil
from pathlib import Path

from runtime.identity import Administrator, compute_service_is_up, hypervisor_is_known
from runtime.plan import HOST, INTEGRATION_BRIDGE, SWITCH_DATABASE_PORT, StackPlan, concurrency_variables
from runtime.readiness import answers
from runtime.rendering import privilege_helper, render
from runtime.services import rabbitmq
from runtime.services.service import Service
from runtime.services.views import network_view, write_network_view
from runtime.services.wsgi import wsgi_command


def configure(plan: StackPlan) -> None:
    """Write nova's configuration, and the script that shows nova-compute the stack's network devices."""
    state = plan.layout.state / "nova"
    # nova-compute registers only where this folder is.
    plan.layout.instances.mkdir(parents=True, exist_ok=True)
    (state / "lock").mkdir(exist_ok=True)
    for config in (config_file(plan), compute_config_file(plan)):
        render(
            "nova.conf.j2",
            plan,
            config,
            state=state,
            host=HOST,
            integration_bridge=INTEGRATION_BRIDGE,
            switch_port=SWITCH_DATABASE_PORT,
            helper=privilege_helper(plan, config),
            with_databases=config == config_file(plan),
        )
    paste = config_file(plan).parent / "api-paste.ini"
    shutil.copyfile(plan.environment.share("etc/nova/api-paste.ini"), paste)
    write_network_view(plan)


def config_file(plan: StackPlan) -> Path:
    """The configuration of the API, the conductor and the scheduler."""
    return plan.layout.config / "nova" / "nova.conf"


def compute_config_file(plan: StackPlan) -> Path:
    """The configuration of nova-compute, which does not know the databases."""
    return plan.layout.config / "nova-compute" / "nova.conf"


def services(plan: StackPlan) -> list[Service]:
    """Nova's four services."""
    admin = Administrator(plan)
    mode = concurrency_variables(plan.choices.concurrency)

    def program(name: str, config: Path) -> tuple[str, ...]:
        return (str(plan.environment.program(name)), "--config-file", str(config))

    def compute_ready() -> None:
        for binary in ("nova-conductor", "nova-scheduler", "nova-compute"):
            compute_service_is_up(admin, binary)
        hypervisor_is_known(admin)

    return [
        Service(
            name="nova-conductor",
            lane="nova-conductor",
            command=program("nova-conductor", config_file(plan)),
            environment=mode,
            ready=lambda: rabbitmq.somebody_listens(plan, "conductor"),
            after=("keystone", "rabbitmq"),
        ),
        Service(
            name="nova-scheduler",
            lane="nova-scheduler",
            command=program("nova-scheduler", config_file(plan)),
            environment=mode,
            ready=lambda: rabbitmq.somebody_listens(plan, "scheduler"),
            after=("keystone", "rabbitmq"),
        ),
        Service(
            name="nova-api",
            lane="nova-api",
            command=wsgi_command(plan, "nova-api", "nova.wsgi.osapi_compute"),
            environment={"OS_NOVA_CONFIG_DIR": str(plan.layout.config / "nova"), **mode},
            ready=lambda: answers(plan.ports["nova-api"], "/"),
            after=("keystone", "rabbitmq"),
            api="nova-api",
        ),
        Service(
            name="nova-compute",
            lane="nova-compute",
            command=program("nova-compute", compute_config_file(plan)),
            environment=mode,
            ready=compute_ready,
            # Its first question to the conductor would wait for ten seconds if nobody listened.
            after=("nova-conductor", "placement", "libvirtd"),
            view=network_view(plan),
        ),
    ]
