"""The scenarios: each sends one request that may be traced, and watches untraced what comes of it."""

from __future__ import annotations

import base64
import fcntl
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from keystoneauth1 import exceptions

from runtime.scenarios.client import provisions
from runtime.scenarios.client.api import Api, ScenarioFailed
from tracer.recording.switch import traced_call

T = TypeVar("T")

CONSOLE_LINES = 400


class Report(Protocol):
    """Tells what happened."""

    def __call__(self, event: str, **facts: Any) -> None:
        """One ``event`` with its facts."""


def create_server(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    """POST /servers: the one request that is followed."""
    answer: dict[str, Any] = api.send("POST", "compute", "/servers", {"server": body})["server"]
    return answer


def delete_server(api: Api, server: str) -> None:
    """DELETE /servers/{id}: the one request that is followed."""
    api.send("DELETE", "compute", f"/servers/{server}")


def create(api: Api, order: dict[str, Any], report: Report) -> None:
    """Create one server and wait until its guest has spoken on the console."""
    _create(api, order, report, order.get("trace_id", ""))


def delete(api: Api, order: dict[str, Any], report: Report) -> None:
    """Delete one server, which is created first when there is none of the name."""
    api.log_in()
    server = _find(api, order["name"])
    if not server:
        report("step", text=f"create {order['name']}, as there is none to delete")
        server = _create(api, order, report, "")
    else:
        report("server", server=server)
    report("before", server=server, domain=_domain(api, server))
    began = time.monotonic()
    _perhaps_traced(order.get("trace_id", ""), report, delete_server, api, server)
    report("answered", server=server, seconds=time.monotonic() - began)
    while api.exists("compute", f"/servers/{server}"):
        state = _server(api, server, missing_is_gone=True)
        if state.get("status") == "ERROR":
            raise _in_error(state, "could not be deleted")
        _wait(began, order, f"{order['name']} is still there", server)
    report("gone", server=server, seconds=time.monotonic() - began)


def prepare(api: Api, order: dict[str, Any], report: Report) -> None:
    """Make what servers need before they can be created, so that several can be created at once."""
    api.log_in()
    report("step", text="image, flavor and network")
    _provisions(api, order)


SCENES: dict[str, Callable[[Api, dict[str, Any], Report], None]] = {
    "create": create,
    "delete": delete,
    "prepare": prepare,
}


def _create(api: Api, order: dict[str, Any], report: Report, trace_id: str) -> str:
    api.log_in()
    report("step", text="image, flavor and network")
    body = {"name": order["name"], **_provisions(api, order), **_secrets(order)}
    if order["gate"]:
        report("ready")
        with open(order["gate"]) as gate:  # noqa: PTH123 - locked as it is
            fcntl.flock(gate, fcntl.LOCK_SH)
    began = time.monotonic()
    server = str(_perhaps_traced(trace_id, report, create_server, api, body)["id"])
    report("answered", server=server, seconds=time.monotonic() - began)
    state: dict[str, Any] = {}
    while state.get("status") != "ACTIVE":
        state = _server(api, server)
        if state["status"] == "ERROR":
            raise _in_error(state, "went into ERROR")
        report("state", status=state["status"], task=state["OS-EXT-STS:task_state"] or "")
        if state["status"] != "ACTIVE":
            _wait(began, order, f"{order['name']} did not become ACTIVE", server)
    report("active", server=server, seconds=time.monotonic() - began, domain=_domain(api, server))
    _wait_for_console(api, order, report, server, began)
    return server


def _provisions(api: Api, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "imageRef": provisions.image(api, order["guest"]),
        "flavorRef": provisions.flavor(api),
        "networks": provisions.networks(api),
    }


def _wait_for_console(api: Api, order: dict[str, Any], report: Report, server: str, began: float) -> None:
    console = ""
    while order["marker"] not in console:
        body = {"os-getConsoleOutput": {"length": CONSOLE_LINES}}
        console = api.send("POST", "compute", f"/servers/{server}/action", body)["output"] or ""
        if order["marker"] not in console:
            last = "\n".join(console.splitlines()[-10:]) or "(the console is empty)"
            _wait(began, order, f"The guest of {order['name']} did not speak", server, last)
    report("spoke", server=server, seconds=time.monotonic() - began, console=console)


def _secrets(order: dict[str, Any]) -> dict[str, str]:
    given = {}
    if order.get("admin_password"):
        given["adminPass"] = order["admin_password"]
    if order.get("user_data"):
        given["user_data"] = base64.b64encode(order["user_data"].encode()).decode()
    return given


def _perhaps_traced(trace_id: str, report: Report, function: Callable[..., T], *arguments: Any) -> T:
    if not trace_id:
        return function(*arguments)
    report("traced", trace_id=trace_id)
    return traced_call(trace_id, function, *arguments)


def _find(api: Api, name: str) -> str:
    for server in api.get("compute", f"/servers?name=^{name}$")["servers"]:
        if server["name"] == name:
            return str(server["id"])
    return ""


def _server(api: Api, server: str, *, missing_is_gone: bool = False) -> dict[str, Any]:
    try:
        state: dict[str, Any] = api.get("compute", f"/servers/{server}")["server"]
    except exceptions.NotFound as error:
        if missing_is_gone:
            return {}
        raise ScenarioFailed("The server has vanished.", str(error), server) from error
    return state


def _domain(api: Api, server: str) -> str:
    return str(_server(api, server).get("OS-EXT-SRV-ATTR:instance_name", ""))


def _in_error(state: dict[str, Any], what: str) -> ScenarioFailed:
    fault = state.get("fault") or {}
    said = "\n".join(str(fault[part]) for part in ("message", "details") if fault.get(part))
    return ScenarioFailed(
        f"The server {state['name']} {what}.", said or "(no fault was recorded)", state["id"]
    )


def _wait(began: float, order: dict[str, Any], message: str, server: str, details: str = "") -> None:
    if time.monotonic() - began > order["timeout"]:
        raise ScenarioFailed(f"{message} within {order['timeout']:.0f} s.", details, server)
    time.sleep(order["poll_interval"])
