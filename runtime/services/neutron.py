"""Neutron, the network service: its API, its RPC server and the agent that programs Open vSwitch."""

from __future__ import annotations

from pathlib import Path

from runtime.identity import Administrator, network_agent_is_alive
from runtime.plan import (
    HOST,
    INTEGRATION_BRIDGE,
    OPENFLOW_PORT,
    SWITCH_DATABASE_PORT,
    TUNNEL_BRIDGE,
    StackPlan,
)
from runtime.readiness import answers
from runtime.rendering import privilege_helper, render
from runtime.services import rabbitmq
from runtime.services.service import Service
from runtime.services.views import network_view
from runtime.services.wsgi import wsgi_command

RPC_QUEUES = ("q-plugin", "q-reports-plugin")


def configure(plan: StackPlan) -> None:
    """Write the configuration of neutron's three programs."""
    if not plan.with_neutron:
        return
    main, plugin, agent = config_files(plan)
    state = plan.layout.state / "neutron"
    (state / "lock").mkdir(parents=True, exist_ok=True)
    render("neutron.conf.j2", plan, main, state=state, host=HOST, helper=privilege_helper(plan, main))
    render("ml2.ini.j2", plan, plugin)
    render(
        "openvswitch-agent.ini.j2",
        plan,
        agent,
        integration_bridge=INTEGRATION_BRIDGE,
        tunnel_bridge=TUNNEL_BRIDGE,
        switch_port=SWITCH_DATABASE_PORT,
        openflow_port=OPENFLOW_PORT,
    )


def config_files(plan: StackPlan) -> tuple[Path, Path, Path]:
    """The configuration of neutron as a whole, of its plugin, and of its agent."""
    folder = plan.layout.config / "neutron"
    return folder / "neutron.conf", folder / "ml2.ini", folder / "openvswitch-agent.ini"


def services(plan: StackPlan) -> list[Service]:
    """Neutron's three processes."""
    if not plan.with_neutron:
        return []
    main, plugin, agent = map(str, config_files(plan))
    admin = Administrator(plan)
    return [
        Service(
            name="neutron-api",
            lane="neutron",
            command=wsgi_command(plan, "neutron", "neutron.wsgi.api"),
            environment={"OS_NEUTRON_CONFIG_FILES": f"{main};{plugin}"},
            ready=lambda: answers(plan.ports["neutron"], "/"),
            after=("keystone", "rabbitmq"),
            api="neutron",
        ),
        Service(
            name="neutron-rpc-server",
            lane="neutron",
            command=(
                str(plan.environment.program("neutron-rpc-server")),
                "--config-file",
                main,
                "--config-file",
                plugin,
            ),
            ready=lambda: rabbitmq.somebody_listens(plan, *RPC_QUEUES),
            after=("mariadb", "rabbitmq"),
        ),
        Service(
            name="neutron-agent",
            lane="neutron",
            command=(
                str(plan.environment.program("neutron-openvswitch-agent")),
                "--config-file",
                main,
                "--config-file",
                agent,
            ),
            environment={"OVS_RUNDIR": str(plan.layout.run / "ovs")},
            ready=lambda: network_agent_is_alive(admin),
            # Its first questions would be lost if nobody listened, and asked again only after a minute.
            after=("vswitchd", "neutron-rpc-server"),
            view=network_view(plan),
        ),
    ]
