"""Talking to the stack's APIs as its administrator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runtime.plan import StackPlan
from runtime.readiness import NotReadyError, http_answer


class Administrator:
    """Asks a stack's APIs with the administrator's token, fetched at the first question.

    Args:
        plan: the stack.
    """

    def __init__(self, plan: StackPlan) -> None:
        self._plan = plan
        self._token = ""

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
        user = {"name": "admin", "domain": {"id": "default"}, "password": self._plan.secrets.admin}
        request = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
            }
        }
        _, headers = http_answer(
            self._plan.ports["keystone"], "/v3/auth/tokens", method="POST", body=request, accept=(201,)
        )
        self._token = headers["X-Subject-Token"]


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
