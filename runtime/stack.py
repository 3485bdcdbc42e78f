"""One stack as others use it: bring it up, ask about it, reach its services, take it down."""

from __future__ import annotations

import contextlib
import fcntl
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime import cleanup, privileges
from runtime.cleanup import Leftovers
from runtime.credentials import Secrets
from runtime.environment import StackEnvironment
from runtime.interruption import ended_in_order, uninterrupted
from runtime.layout import StackLayout, require_plain
from runtime.ledger import Ledger
from runtime.lifecycle import all_services, bring_up
from runtime.plan import (
    REGION,
    ExtraEnvironment,
    StackChoices,
    StackPlan,
    api_names,
    nothing_extra,
)
from runtime.ports import HeldPorts
from runtime.processes import ProcessId
from runtime.readiness import NotReadyError
from runtime.services.service import Service
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import Steps

FACTS_VERSION = 1


@dataclass(frozen=True)
class ServiceStatus:
    """How one service is.

    Args:
        name: its name.
        pid: its process; None when it does not run.
        trouble: what is wrong; empty when it does its work.
        log: its log file.
    """

    name: str
    pid: int | None
    trouble: str
    log: Path


class Stack:
    """The stack in a folder, whether it is up or not.

    Args:
        layout: where it lies.
    """

    def __init__(self, layout: StackLayout) -> None:
        self.layout = layout

    @staticmethod
    def load(state_dir: Path) -> Stack:
        """The stack in ``state_dir``, which need not exist.

        Raises:
            UserError: the path cannot be a stack's.
        """
        return Stack(StackLayout.at(state_dir))

    @property
    def exists(self) -> bool:
        """Whether it has been brought up, completely or not, and not been taken down."""
        return self.layout.facts.exists()

    @property
    def plan(self) -> StackPlan:
        """What the stack was planned to be when it was brought up.

        Raises:
            UserError: it is down, or its folder is damaged.
        """
        facts = self._facts()
        try:
            return StackPlan(
                layout=self.layout,
                environment=StackEnvironment(Path(str(facts["environment"]))),
                secrets=Secrets.read(self.layout.secrets),
                choices=StackChoices(**facts["choices"]),
                ports={str(name): int(port) for name, port in facts["ports"].items()},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._damaged(f"{type(error).__name__}: {error}") from error

    @property
    def endpoints(self) -> dict[str, str]:
        """Each API's address, by service name (``nova-api``, ``keystone``, ...)."""
        return self.plan.endpoints

    def credentials(self) -> dict[str, str]:
        """The administrator's credentials, as keystoneauth and openstacksdk name them."""
        plan = self.plan
        return {
            "auth_url": plan.endpoints["keystone"],
            "username": "admin",
            "password": plan.secrets.admin,
            "project_name": "admin",
            "user_domain_id": "default",
            "project_domain_id": "default",
            "region_name": REGION,
        }

    def libvirt_uri(self, *, read_only: bool = False) -> str:
        """The stack's libvirt daemon; ``read_only`` gives the socket over which nothing can be changed."""
        return self.plan.libvirt_uri(read_only=read_only)

    def services(self) -> list[ServiceStatus]:
        """Ask every service how it is.

        Raises:
            UserError: the stack is down.
        """
        plan = self.plan
        started = {entry.service: entry.process for entry in Ledger(self.layout.ledger).read()}

        def ask(service: Service) -> ServiceStatus:
            process = started.get(service.name)
            return _status(service, process, self.layout.log(service.name))

        services = all_services(plan)
        with ThreadPoolExecutor(len(services)) as executor:
            return list(executor.map(ask, services))

    @property
    def runs(self) -> bool:
        """Whether it has been brought up completely and all its processes run still."""
        if not self.exists or not self._facts().get("complete"):
            return False
        started = {entry.service: entry.process for entry in Ledger(self.layout.ledger).read()}
        return all(
            service.name in started and started[service.name].alive for service in all_services(self.plan)
        )

    def up(
        self,
        environment: StackEnvironment,
        choices: StackChoices,
        cache_folder: Path,
        steps: Steps,
        extra_environment: ExtraEnvironment = nothing_extra,
    ) -> bool:
        """Bring the stack up; whatever is left of an earlier one is removed first.

        A failure and an interruption leave nothing behind but the logs.

        Args:
            environment: where the services are installed.
            choices: what was chosen for the stack.
            cache_folder: where database schemas are kept for later stacks.
            steps: shows what is being done.
            extra_environment: gives the variables to add to a lane's environment.

        Returns:
            False when the stack is up already.

        Raises:
            UserError: it is up with other choices, a service failed, or the machine lacks something.
        """
        require_plain(environment.prefix, "The services' environment", "Install it in another folder.")
        self._claim_folder()
        with self._alone(), ended_in_order():
            if self.runs:
                if self.plan.choices != choices:
                    raise UserError(
                        f"The stack in {self.layout.root} is up with network {self.plan.choices.network} "
                        f"guests on {self.plan.choices.virt_type}, and nova on "
                        f"{self.plan.choices.concurrency}",
                        "Run `stackwalk stack down` first, or use another --state-dir.",
                    )
                return False
            if left := self._remove():
                steps.say("Removed what an earlier stack had left:")
                for line in left.lines():
                    steps.say(f"  {line}")
            try:
                with HeldPorts(api_names(choices.network)) as ports:
                    plan = self._plan_anew(environment, choices, ports, extra_environment)
                    bring_up(plan, ports, cache_folder, steps)
                self._write_facts(plan, complete=True)
            except BaseException:
                steps.say("Removing what was started:")
                for line in self._remove().lines():
                    steps.say(f"  {line}")
                raise
            finally:
                # Services that run as root take no leave from a key of anybody else's.
                mine = self.layout.recording_switches
                privileges.hand_back(self.layout.root, self.layout.run, cache_folder, but=mine)
        return True

    def down(self) -> Leftovers:
        """Take the stack down, however much of it there is; only its logs stay.

        Returns:
            what was removed; empty when it was down.

        Raises:
            UserError: something cannot be removed.
        """
        if not self.layout.marker.exists():
            return Leftovers()
        with self._alone():
            try:
                return self._remove()
            finally:
                privileges.hand_back(self.layout.root)

    def _remove(self) -> Leftovers:
        infrastructure = ("epmd", "rabbitmq", "mariadb", "ovsdb", "vswitchd")
        with uninterrupted():
            try:
                return cleanup.remove(self.layout, infrastructure)
            except OSError as error:
                raise UserError(
                    f"Not everything of the stack in {self.layout.root} can be removed: {error}",
                    "Run `stackwalk stack down` again, as root.",
                ) from error

    def _plan_anew(
        self,
        environment: StackEnvironment,
        choices: StackChoices,
        ports: HeldPorts,
        extra_environment: ExtraEnvironment,
    ) -> StackPlan:
        picked = {name: ports.port(name) for name in api_names(choices.network)}
        plan = StackPlan(self.layout, environment, Secrets(), choices, picked, extra_environment)
        self.layout.run.mkdir(mode=0o700, parents=True)
        plan.secrets.write(self.layout.secrets)
        self._write_facts(plan, complete=False)
        return plan

    def _claim_folder(self) -> None:
        root = self.layout.root
        if root.exists() and not self.layout.marker.exists() and any(root.iterdir()):
            raise UserError(
                f"{root} is not empty and not a stack's folder", "Choose another one with --state-dir."
            )
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.layout.marker.touch()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        with self.layout.lock.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(
                    f"The stack in {self.layout.root} is being started or stopped by another command",
                    "Wait until that has ended.",
                    exit_code=ANSWER_IS_NO,
                ) from None
            yield

    def _facts(self) -> dict[str, Any]:
        try:
            facts = json.loads(self.layout.facts.read_text())
        except FileNotFoundError:
            raise UserError(
                f"There is no stack up in {self.layout.root}",
                "Bring it up with `stackwalk stack up`.",
                exit_code=ANSWER_IS_NO,
            ) from None
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from error
        if not isinstance(facts, dict) or facts.get("version") != FACTS_VERSION:
            raise self._damaged("it was written by another version")
        return facts

    def _write_facts(self, plan: StackPlan, *, complete: bool) -> None:
        facts = {
            "version": FACTS_VERSION,
            "complete": complete,
            "environment": str(plan.environment.prefix),
            "choices": asdict(plan.choices),
            "ports": dict(plan.ports),
        }
        draft = self.layout.facts.with_suffix(".new")
        draft.write_text(json.dumps(facts, indent=1))
        draft.replace(self.layout.facts)

    def _damaged(self, why: str) -> UserError:
        return UserError(
            f"{self.layout.facts} cannot be used: {why}",
            "Run `stackwalk stack down` and `stackwalk stack up` to begin anew.",
        )


def _status(service: Service, process: ProcessId | None, log: Path) -> ServiceStatus:
    if process is None:
        return ServiceStatus(service.name, None, "has not been started", log)
    if not process.alive:
        return ServiceStatus(service.name, None, f"has ended (it was process {process.pid})", log)
    try:
        service.ready()
    except NotReadyError as reason:
        return ServiceStatus(service.name, process.pid, str(reason), log)
    return ServiceStatus(service.name, process.pid, "", log)
