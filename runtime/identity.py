"""Talking to the stack's APIs as its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.plan import REGION, StackPlan
from runtime.readiness import NotReadyError, http_answer

FIRST_USER = "first"

SERVICE_TYPES = {
    "keystone": ("keystone", "identity"),
    "placement": ("placement", "placement"),
    "glance": ("glance", "image"),
    "neutron": ("neutron", "network"),
    "no-network": ("no-network", "network"),
    "nova-api": ("nova", "compute"),
}


class Administrator:
    """Asks a stack's APIs with the administrator's token, fetched at the first question.

    Args:
        plan: the stack.
        name: the administrator's name.
        password: the administrator's password; None for the stack's own.
    """

    def __init__(self, plan: StackPlan, name: str = "admin", password: str | None = None) -> None:
        self._plan = plan
        self._name = name
        self._password = password or plan.secrets.admin
        self._token = ""
        self.user_id = ""
        self.project_id = ""

    def ask(self, service: str, path: str, *, method: str = "GET", body: object = None) -> Any:
        """Ask an API.

        Args:
            service: whose API, by service name.
            path: the path behind the API's address.
            method: the HTTP method.
            body: what to send, as JSON.

        Returns:
            the answer's JSON.

        Raises:
            NotReadyError: there is no answer, or it is a refusal.
        """
        if not self._token:
            self._authenticate()
        base = self._plan.endpoints[service].partition(str(self._plan.ports[service]))[2]
        answer, _ = http_answer(
            self._plan.ports[service],
            base + path,
            method=method,
            headers={"X-Auth-Token": self._token},
            body=body,
            accept=(200, 201, 202, 204),
        )
        return answer

    def _authenticate(self) -> None:
        user = {"name": self._name, "domain": {"id": "default"}, "password": self._password}
        request = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
            }
        }
        answer, headers = http_answer(
            self._plan.ports["keystone"], "/v3/auth/tokens", method="POST", body=request, accept=(201,)
        )
        self._token = headers["X-Subject-Token"]
        self.user_id = str(answer["token"]["user"]["id"])
        self.project_id = str(answer["token"]["project"]["id"])


def seed(plan: StackPlan, first_password: str) -> None:
    """Register the stack's users and the addresses of its services with keystone.

    Restored schemas have one user, with a password from the cache: it makes the stack's own administrator and
    is removed then.

    Args:
        plan: the stack.
        first_password: the password of `FIRST_USER`.

    Raises:
        NotReadyError: keystone refuses something.
    """
    first = Administrator(plan, FIRST_USER, first_password)

    def create(kind: str, **values: object) -> str:
        made = first.ask("keystone", f"/{kind}s", method="POST", body={kind: values})
        return str(made[kind]["id"])

    def allow(target: str, user: str, role: str) -> None:
        first.ask("keystone", f"/{target}/users/{user}/roles/{roles[role]}", method="PUT")

    roles = {role["name"]: role["id"] for role in first.ask("keystone", "/roles")["roles"]}
    admin = create("user", name="admin", password=plan.secrets.admin, domain_id="default")
    allow(f"projects/{first.project_id}", admin, "admin")
    allow("system", admin, "admin")
    project = create("project", name="service", domain_id="default")
    for service, url in plan.endpoints.items():
        name, service_type = SERVICE_TYPES[service]
        service_id = create("service", name=name, type=service_type)
        for interface in ("public", "internal"):
            create("endpoint", service_id=service_id, interface=interface, url=url, region_id=REGION)
        if service not in ("keystone", "no-network"):
            user = create("user", name=name, password=getattr(plan.secrets, name), domain_id="default")
            for role in ("admin", "service"):
                allow(f"projects/{project}", user, role)
    first.ask("keystone", f"/users/{first.user_id}", method="DELETE")


def compute_service_is_up(admin: Administrator, binary: str) -> None:
    """Ask nova-api for a service's record.

    Raises:
        NotReadyError: there is none, or it does not report.
    """
    records: Sequence[dict[str, str]] = admin.ask("nova-api", f"/os-services?binary={binary}")["services"]
    if not any(record["state"] == "up" for record in records):
        raise NotReadyError(f"nova knows no {binary} that is up")


def hypervisor_is_known(admin: Administrator) -> None:
    """Ask nova-api whether the compute host belongs to the cell and has a hypervisor.

    Raises:
        NotReadyError: it does not, or has none.
    """
    if not admin.ask("nova-api", "/os-hypervisors")["hypervisors"]:
        raise NotReadyError("the compute host has no hypervisor in nova's cell yet")


def network_agent_is_alive(admin: Administrator) -> None:
    """Ask neutron whether its Open vSwitch agent reports.

    Raises:
        NotReadyError: it does not.
    """
    agents: Sequence[dict[str, Any]] = admin.ask("neutron", "/v2.0/agents")["agents"]
    if not any(agent["alive"] and agent["binary"] == "neutron-openvswitch-agent" for agent in agents):
        raise NotReadyError("neutron knows no Open vSwitch agent that is alive")
