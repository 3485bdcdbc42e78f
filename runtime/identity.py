"""Talking to the stack's APIs as its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.plan import REGION, StackPlan
from runtime.readiness import NotReadyError, http_answer

SERVICE_TYPES = {
    "keystone": ("keystone", "identity"),
    "placement": ("placement", "placement"),
    "glance": ("glance", "image"),
    "neutron": ("neutron", "network"),
    "nova-api": ("nova", "compute"),
}


class Administrator:
    """Asks a stack's APIs with the administrator's token, fetched at the first question.

    Args:
        plan: the stack.
        password: the administrator's password; None for the stack's own.
    """

    def __init__(self, plan: StackPlan, password: str | None = None) -> None:
        self._plan = plan
        self._password = password or plan.secrets.admin
        self._token = ""
        self.user_id = ""

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

    def change_password(self, password: str) -> None:
        """Give the administrator another password, and go on with that."""
        if not self._token:
            self._authenticate()
        change = {"user": {"original_password": self._password, "password": password}}
        self.ask("keystone", f"/users/{self.user_id}/password", method="POST", body=change)
        self._password, self._token = password, ""

    def _authenticate(self) -> None:
        user = {"name": "admin", "domain": {"id": "default"}, "password": self._password}
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


def seed(plan: StackPlan, first_password: str) -> None:
    """Register the stack's users and the addresses of its services with keystone.

    Args:
        plan: the stack.
        first_password: the administrator's password as it came with the restored schemas; it is changed at once.

    Raises:
        NotReadyError: keystone refuses something.
    """
    admin = Administrator(plan, first_password)
    admin.change_password(plan.secrets.admin)

    def create(kind: str, **values: object) -> str:
        made = admin.ask("keystone", f"/{kind}s", method="POST", body={kind: values})
        return str(made[kind]["id"])

    roles = {role["name"]: role["id"] for role in admin.ask("keystone", "/roles")["roles"]}
    project = create("project", name="service", domain_id="default")
    for service, url in plan.endpoints.items():
        name, service_type = SERVICE_TYPES[service]
        service_id = create("service", name=name, type=service_type)
        for interface in ("public", "internal"):
            create("endpoint", service_id=service_id, interface=interface, url=url, region_id=REGION)
        if service != "keystone":
            user = create(
                "user",
                name=name,
                password=getattr(plan.secrets, name),
                domain_id="default",
                default_project_id=project,
            )
            for role in ("admin", "service"):
                path = f"/projects/{project}/users/{user}/roles/{roles[role]}"
                admin.ask("keystone", path, method="PUT")


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
