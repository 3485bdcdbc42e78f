"""Starts the stack's processes and waits until each does its work."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from runtime.failures import ServiceFailedError
from runtime.ledger import Ledger, Started
from runtime.plan import StackPlan
from runtime.ports import HeldPorts
from runtime.processes import ProcessId
from runtime.readiness import NotReadyError
from runtime.services.service import Service, service_environment

PATIENCE = 120.0
"""How long a service may take until it does its work, in seconds."""


class StoppedError(Exception):
    """Waiting ended because something else had failed."""


class Supervisor:
    """Starts processes for one stack, and writes each of them down.

    Args:
        plan: the stack.
        ports: the loopback ports held for its APIs.
    """

    def __init__(self, plan: StackPlan, ports: HeldPorts | None = None) -> None:
        self._plan = plan
        self._ports = ports
        self._ledger = Ledger(plan.layout.ledger)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopped = threading.Event()

    def start(self, service: Service) -> None:
        """Start a service's process, which outlives this one.

        Raises:
            ServiceFailedError: its program cannot be started.
        """
        environment = {**service.environment}
        if service.lane:
            environment.update(self._plan.extra_environment(service.lane))
        inherited: tuple[int, ...] = ()
        if service.api and self._ports is not None:
            descriptor = self._ports.descriptor(service.api)
            inherited = (descriptor,)
            environment["STACKWALK_LISTENER"] = str(descriptor)
        view = (
            ("unshare", "--mount", "--propagation", "private", "--", "sh", str(service.view))
            if service.view
            else ()
        )
        command = ("nsenter", f"--net={self._plan.layout.network_namespace}", "--", *view, *service.command)
        log = self._plan.layout.log(service.name)
        with log.open("ab") as output:
            try:
                child = subprocess.Popen(
                    command,
                    env=service_environment(self._plan, environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self._plan.layout.state,
                    pass_fds=inherited,
                    start_new_session=True,
                )
            except OSError as error:
                raise ServiceFailedError(service.name, f"cannot be started: {error}", log) from error
        if service.api and self._ports is not None:
            self._ports.release(service.api)
        process = ProcessId.of(child.pid)
        if process is not None:
            self._ledger.add(Started(service.name, process))
        self._children[service.name] = child

    def wait_until_ready(self, service: Service) -> None:
        """Ask a service that was started until it does its work.

        Raises:
            ServiceFailedError: it has ended, or does not do its work after `PATIENCE`.
            StoppedError: waiting was called off by setting ``stopped``.
        """
        child = self._children[service.name]
        log = self._plan.layout.log(service.name)
        until = time.monotonic() + PATIENCE
        while True:
            if self.stopped.is_set():
                raise StoppedError(service.name)
            ended = child.poll()
            if ended is not None:
                raise ServiceFailedError(service.name, f"has {_ending(ended)} while it was starting", log)
            try:
                service.ready()
            except NotReadyError as reason:
                if time.monotonic() > until:
                    what = f"was not ready after {PATIENCE:.0f} s ({reason})"
                    raise ServiceFailedError(service.name, what, log) from reason
            else:
                return
            self.stopped.wait(0.1)

    def run(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run a program of the stack to its end, as one of its processes.

        Args:
            name: what its log is called.
            command: the program and its arguments.
            environment: variables beside those that every process of the stack gets.

        Raises:
            ServiceFailedError: it failed.
            StoppedError: it was called off by setting ``stopped``.
        """
        log = self._plan.layout.log(name)
        self.start(
            Service(name=name, command=tuple(command), ready=_never_asked, environment=environment or {})
        )
        child = self._children[name]
        while (ended := _wait(child, 0.2)) is None:
            if self.stopped.is_set():
                child.terminate()
                raise StoppedError(name)
        if ended != 0:
            raise ServiceFailedError(name, f"has {_ending(ended)}", log)

    def wait_for_end(self, name: str) -> None:
        """Ask a started process to end, and wait until it has."""
        child = self._children[name]
        child.terminate()
        child.wait()


def _wait(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _ending(code: int) -> str:
    return f"ended with status {code}" if code >= 0 else f"been ended by signal {-code}"


def _never_asked() -> None:
    raise AssertionError("a program that runs to its end is not asked")
