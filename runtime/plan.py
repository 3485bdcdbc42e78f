"""What one stack is to be: every choice and every name that its services' configuration is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from runtime.credentials import Secrets
from runtime.environment import StackEnvironment
from runtime.layout import StackLayout

Network = Literal["neutron", "none"]
Concurrency = Literal["threading", "eventlet"]
ExtraEnvironment = Callable[[str], Mapping[str, str]]

HOST = "stackhost"
REGION = "RegionOne"
INTEGRATION_BRIDGE = "br-int"
TUNNEL_BRIDGE = "br-tun"

# Inside the stack's own network these are always free, whatever runs on the machine.
BROKER_PORT = 5672
BROKER_CLUSTER_PORT = 25672
ERLANG_NAMES_PORT = 4369
SWITCH_DATABASE_PORT = 6640
OPENFLOW_PORT = 6633

API_PATHS = {"keystone": "/v3", "nova-api": "/v2.1"}


def nothing_extra(lane: str) -> Mapping[str, str]:
    """The environment that adds nothing to a service's own."""
    return {}


@dataclass(frozen=True)
class StackChoices:
    """What whoever brings a stack up can choose.

    Args:
        network: ``neutron`` for real ports on Open vSwitch, ``none`` for guests without network.
        virt_type: ``kvm`` where guests truly run with it, else ``qemu``.
        concurrency: what nova runs its work on: native threads, or eventlet's green ones.
    """

    network: Network = "neutron"
    virt_type: Literal["kvm", "qemu"] = "qemu"
    concurrency: Concurrency = "threading"


@dataclass(frozen=True)
class StackPlan:
    """One stack, planned.

    Args:
        layout: where it lies.
        environment: where its services are installed.
        secrets: its passwords.
        choices: what was chosen for it.
        ports: the loopback port of each of its APIs, by service name.
        extra_environment: gives the variables to add to a lane's environment, such as a probe's.
    """

    layout: StackLayout
    environment: StackEnvironment
    secrets: Secrets
    choices: StackChoices
    ports: Mapping[str, int]
    extra_environment: ExtraEnvironment = nothing_extra

    @property
    def with_neutron(self) -> bool:
        """Whether the stack has a network service."""
        return self.choices.network == "neutron"

    @property
    def endpoints(self) -> dict[str, str]:
        """Each API's address, by service name."""
        return {
            name: f"http://127.0.0.1:{port}{API_PATHS.get(name, '')}" for name, port in self.ports.items()
        }

    @property
    def transport_url(self) -> str:
        """Where the message broker is, with its password."""
        return f"rabbit://stack:{self.secrets.broker}@127.0.0.1:{BROKER_PORT}/"

    @property
    def database_socket(self) -> str:
        """The database server's unix socket."""
        return str(self.layout.run / "mariadb.sock")

    def database_url(self, name: str) -> str:
        """Where the database ``name`` is, with its password."""
        return (
            f"mysql+pymysql://stack:{self.secrets.database}@localhost/{name}"
            f"?charset=utf8mb3&unix_socket={self.database_socket}"
        )

    def libvirt_uri(self, *, read_only: bool = False) -> str:
        """The stack's libvirt daemon.

        Args:
            read_only: whether to use the socket over which nothing can be changed.
        """
        name = "libvirt-sock-ro" if read_only else "libvirt-sock"
        return f"qemu+unix:///system?socket={self.layout.run / 'libvirt' / name}"


def concurrency_variables(concurrency: Concurrency) -> dict[str, str]:
    """What makes nova's programs run on threads or on eventlet, whatever their own default is."""
    return {"OS_NOVA_DISABLE_EVENTLET_PATCHING": str(concurrency == "threading").lower()}


def api_names(network: Network) -> tuple[str, ...]:
    """The services of a stack that have an API of their own."""
    network_api = "neutron" if network == "neutron" else "no-network"
    return ("keystone", "placement", "glance", network_api, "nova-api")
