"""RabbitMQ, the message broker, as a node of its own."""

from __future__ import annotations

from runtime.credentials import write_private
from runtime.namespaces import NetworkNamespace
from runtime.plan import BROKER_CLUSTER_PORT, BROKER_PORT, ERLANG_NAMES_PORT, StackPlan
from runtime.readiness import port_accepts, queues_have_listeners
from runtime.rendering import render
from runtime.services.service import Service

ERLANG_OPTIONS = "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +S 1:1"
"""Loopback only, no busy waiting, one scheduler: a stack's few messages need no more."""

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
"""Debian's own command of that name changes the user first; this is what it starts then."""


def configure(plan: StackPlan) -> None:
    """Write the broker's configuration and its cookie."""
    config, state = plan.layout.config / "rabbitmq", plan.layout.state / "rabbitmq"
    state.mkdir(parents=True, exist_ok=True)
    render("rabbitmq.conf.j2", plan, config / "rabbitmq.conf", port=BROKER_PORT)
    (config / "enabled_plugins").write_text("[].\n")
    (config / "environment").write_text("")
    cookie = state / ".erlang.cookie"
    write_private(cookie, plan.secrets.broker_cookie)
    cookie.chmod(0o400)


def services(plan: StackPlan) -> list[Service]:
    """The broker, and the directory of Erlang nodes that it registers with."""
    config, state = plan.layout.config / "rabbitmq", plan.layout.state / "rabbitmq"
    network = NetworkNamespace(plan.layout.network_namespace)
    names = {"ERL_EPMD_PORT": str(ERLANG_NAMES_PORT), "ERL_EPMD_ADDRESS": "127.0.0.1"}
    broker = {
        **names,
        "HOME": str(state),
        "RABBITMQ_NODENAME": "stack@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(BROKER_PORT),
        "RABBITMQ_DIST_PORT": str(BROKER_CLUSTER_PORT),
        "RABBITMQ_MNESIA_BASE": str(state / "mnesia"),
        "RABBITMQ_LOG_BASE": str(state / "log"),
        "RABBITMQ_CONFIG_FILE": str(config / "rabbitmq"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(config / "enabled_plugins"),
        "RABBITMQ_CONF_ENV_FILE": str(config / "environment"),
        "RABBITMQ_PID_FILE": str(state / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_OPTIONS,
    }
    return [
        Service(
            name="epmd",
            command=("epmd", "-port", str(ERLANG_NAMES_PORT), "-address", "127.0.0.1"),
            ready=lambda: port_accepts(network, ERLANG_NAMES_PORT),
            infrastructure=True,
        ),
        Service(
            name="rabbitmq",
            command=(SERVER,),
            environment=broker,
            ready=lambda: somebody_listens(plan),
            after=("epmd",),
            infrastructure=True,
        ),
    ]


def somebody_listens(plan: StackPlan, *queues: str) -> None:
    """Ask the broker whether services have begun to take messages.

    Raises:
        NotReadyError: the broker does not let us in, or a queue is missing or has no listener.
    """
    network = NetworkNamespace(plan.layout.network_namespace)
    queues_have_listeners(network, BROKER_PORT, "stack", plan.secrets.broker, queues)
