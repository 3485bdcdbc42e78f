"""The light variant as others use it: bring it up, reach it, take it down."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from runtime.credentials import write_private
from runtime.embedded import configuration, libvirt_inside
from runtime.embedded.inside.variables import LISTENERS_VARIABLE, TOKEN_VARIABLE
from runtime.environment import StackEnvironment
from runtime.interruption import ended_in_order, uninterrupted
from runtime.layout import StackLayout
from runtime.ledger import Ledger, Started
from runtime.plan import ExtraEnvironment, StackChoices, concurrency_variables, nothing_extra
from runtime.ports import HeldPorts
from runtime.processes import ProcessId, running
from runtime.provisioning.guest import Guest
from runtime.provisioning.needs import SYSTEM_FOLDERS
from runtime.readiness import NotReadyError, http_answer
from runtime.scenarios.driver import SOURCE_ROOT, log_tail
from runtime.scenarios.target import Target
from runtime.stack import ServiceStatus
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import Steps

FACTS = "embedded.json"
MARK = "STACKWALK_STACK"
PORTS = ("nova-api", "placement", "glance", "network")
NOVA, GLANCE = "nova", "glance"
MODULES = {NOVA: "runtime.embedded.inside.nova_process", GLANCE: "runtime.embedded.inside.glance_process"}
QUESTIONS = {GLANCE: ("glance", "/v2/images"), NOVA: ("nova-api", "/v2.1/os-hypervisors")}
"""What each process is asked to see whether it does its work: which of its APIs, and the path."""

PATIENCE = 120.0
"""Seconds until the variant must be ready."""

LESS_FAITHFUL = (
    "Nova's API, conductor, scheduler and compute, and Placement, are threads of one process: no message and "
    "no privileged call leaves it, and objects are saved without a remote call to the conductor",
    "there is no Keystone: one token is accepted by all services",
    "there is no Neutron: the server has no network port",
    "SQLite stands for the database server, and libvirt runs inside of Nova's process, where it cannot be "
    "observed from outside",
)
"""How a recording of this variant differs from one of the real stack."""


@dataclass(frozen=True)
class Facts:
    """What is known of a variant that is up; the token is a secret."""

    environment: str
    virt_type: str
    token: str = field(repr=False)
    ports: dict[str, int] = field(default_factory=dict)
    concurrency: str = "threading"
    complete: bool = False


class EmbeddedStack:
    """The light variant in a folder, whether it is up or not.

    Args:
        state_dir: the folder; need not exist yet.
    """

    def __init__(self, state_dir: Path) -> None:
        self.layout = StackLayout.at(state_dir)
        self._facts_file = self.layout.root / FACTS
        self._ledger = Ledger(self.layout.ledger)

    @property
    def exists(self) -> bool:
        """Whether it has been brought up, completely or not, and not been taken down."""
        return self._facts_file.exists()

    @property
    def runs(self) -> bool:
        """Whether it is up and its processes run still."""
        started = self._ledger.read()
        return (
            self.exists
            and self.facts.complete
            and bool(started)
            and all(one.process.alive for one in started)
        )

    @property
    def facts(self) -> Facts:
        """What is known of it.

        Raises:
            UserError: it is down, or its file is damaged.
        """
        try:
            return Facts(**json.loads(self._facts_file.read_text()))
        except FileNotFoundError:
            raise UserError(
                f"There is no embedded stack up in {self.layout.root}.",
                "Bring it up with `stackwalk stack up --embedded`.",
                exit_code=ANSWER_IS_NO,
            ) from None
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"{self._facts_file} cannot be used: {error}", "Run `stackwalk stack down` to begin anew."
            ) from error

    def up(
        self,
        environment: StackEnvironment,
        choices: StackChoices,
        steps: Steps,
        extra_environment: ExtraEnvironment = nothing_extra,
    ) -> bool:
        """Bring it up; a failure and an interruption leave nothing behind but the logs.

        Args:
            environment: where the services are installed.
            choices: of which the network is none here, whatever they say.
            steps: shows what is being done.
            extra_environment: gives the variables to add to a lane's environment.

        Returns:
            False when it is up already.

        Raises:
            UserError: a process ended, or was not ready in time.
        """
        if self.runs:
            return False
        self._claim_folder()
        self.down()
        with ended_in_order():
            try:
                with steps.step("Start Nova in one process, and Glance"):
                    self._start(environment, choices, extra_environment)
                    self._wait_until_ready()
            except BaseException:
                with uninterrupted():
                    self.down()
                raise
        return True

    def down(self) -> list[str]:
        """Take it down, however much of it there is; only its logs stay.

        Returns:
            the names of what was ended.
        """
        if not self.layout.marker.exists():
            return []
        ended = self._end_processes()
        for folder in (self.layout.run, self.layout.state, self.layout.config, self.layout.spool):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (self._facts_file, *self.layout.recording_switches):
            file.unlink(missing_ok=True)
        self._ledger.clear()
        return ended

    def _claim_folder(self) -> None:
        root = self.layout.root
        if root.exists() and not self.layout.marker.exists() and any(root.iterdir()):
            raise UserError(
                f"{root} is not empty and not a stack's folder.", "Choose another one with --state-dir."
            )
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.layout.marker.touch()

    def services(self) -> list[ServiceStatus]:
        """How each of its processes is.

        Raises:
            UserError: it is down.
        """
        facts = self.facts
        started = {one.service: one.process for one in self._ledger.read()}
        found = []
        for name, (api, path) in QUESTIONS.items():
            process = started.get(name)
            pid = process.pid if process is not None and process.alive else None
            trouble = "" if pid else "has ended"
            if pid:
                try:
                    http_answer(facts.ports[api], path, headers={"X-Auth-Token": facts.token})
                except NotReadyError as error:
                    trouble = str(error)
            found.append(ServiceStatus(name, pid, trouble, self.layout.log(name)))
        return found

    def target(self, guest: Guest, spool_dir: Path) -> Target:
        """What scenarios need to know of it.

        Raises:
            UserError: it is down.
        """
        facts = self.facts
        address = {name: f"http://127.0.0.1:{port}" for name, port in facts.ports.items()}
        environment = StackEnvironment(Path(facts.environment))
        versions = environment.versions()
        return Target(
            environment=environment,
            auth={"type": "token", "token": facts.token},
            endpoints={"compute": f"{address['nova-api']}/v2.1", "image": address["glance"]},
            spool_dir=spool_dir,
            guest=guest,
            libvirt_uri="",
            compute_log=self.layout.log(NOVA),
            domain_folder=libvirt_inside.definitions(self.layout.run / "libvirt"),
            processes={started.process: started.service for started in self._ledger.read()},
            facts={
                "stack": "embedded: one process, less faithful than the real stack",
                "network": "none",
                "virt_type": facts.virt_type,
                "concurrency": facts.concurrency,
                "nova": versions.get("nova", ""),
                "guest_kernel": guest.kernel_version,
            },
            notices=tuple(f"embedded stack: {difference}" for difference in LESS_FAITHFUL),
        )

    def _start(
        self,
        environment: StackEnvironment,
        choices: StackChoices,
        extra_environment: ExtraEnvironment,
    ) -> None:
        layout = self.layout
        try:
            layout.run.mkdir(mode=0o700)
        except FileExistsError as error:
            raise UserError(
                f"{layout.run} is there already, and not this stack's.", "Use another --state-dir."
            ) from error
        for folder in (layout.temporary, layout.state / "home", layout.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        token = secrets.token_hex(20)
        libvirt_root = layout.run / "libvirt"
        with HeldPorts(PORTS) as ports:
            facts = Facts(
                str(environment.prefix),
                choices.virt_type,
                token,
                {name: ports.port(name) for name in PORTS},
                choices.concurrency,
            )
            self._write_facts(facts)
            uri = libvirt_inside.uri(libvirt_root)
            configuration.write_all(layout.root, environment, facts.ports, token, uri, choices.virt_type)
            view = libvirt_inside.prepare(libvirt_root, layout.config)
            for name, before in ((GLANCE, ()), (NOVA, view)):
                command = (*before, str(environment.python), "-P", "-m", MODULES[name], str(layout.config))
                variables = extra_environment(name)
                if name == NOVA:
                    variables = {**variables, **concurrency_variables(choices.concurrency)}
                self._spawn(name, command, environment, ports, token, variables)

    def _spawn(
        self,
        name: str,
        command: Sequence[str],
        environment: StackEnvironment,
        ports: HeldPorts,
        token: str,
        more: Mapping[str, str],
    ) -> None:
        descriptors = {port: ports.descriptor(port) for port in PORTS if (port == GLANCE) == (name == GLANCE)}
        extra = dict(more)
        search = [*extra.pop("PYTHONPATH", "").split(os.pathsep), str(SOURCE_ROOT)]
        variables: Mapping[str, str] = {
            "PATH": os.pathsep.join([str(environment.prefix / "bin"), *SYSTEM_FOLDERS]),
            "HOME": str(self.layout.state / "home"),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.layout.temporary),
            MARK: self.layout.stack_id,
            TOKEN_VARIABLE: token,
            LISTENERS_VARIABLE: ",".join(f"{port}={number}" for port, number in descriptors.items()),
            "PYTHONPATH": os.pathsep.join(part for part in search if part),
            "PYTHONDONTWRITEBYTECODE": "1",
            **extra,
        }
        with self.layout.log(name).open("wb") as log:
            child = subprocess.Popen(
                command,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.layout.state,
                pass_fds=tuple(descriptors.values()),
                start_new_session=True,
            )
        process = ProcessId.of(child.pid)
        if process is not None:
            self._ledger.add(Started(name, process))

    def _wait_until_ready(self) -> None:
        facts = self.facts
        until = time.monotonic() + PATIENCE
        headers = {"X-Auth-Token": facts.token}
        while True:
            try:
                for api, path in QUESTIONS.values():
                    answer, _ = http_answer(facts.ports[api], path, headers=headers)
                if answer["hypervisors"]:
                    break
                reason = "nova has no hypervisor yet"
            except NotReadyError as error:
                reason = str(error)
            gone = [started for started in self._ledger.read() if not started.process.alive]
            if gone or time.monotonic() > until:
                name = gone[0].service if gone else NOVA
                what = (
                    "ended while it was starting"
                    if gone
                    else f"was not ready after {PATIENCE:.0f} s ({reason})"
                )
                log = self.layout.log(name)
                raise UserError(
                    f"{name} {what}.",
                    f"See the whole log in {log}.",
                    details=tuple(log_tail(log)),
                    exit_code=ANSWER_IS_NO,
                )
            time.sleep(0.1)
        self._write_facts(Facts(**{**asdict(facts), "complete": True}))

    def _write_facts(self, facts: Facts) -> None:
        write_private(self._facts_file, json.dumps(asdict(facts), indent=1))

    def _end_processes(self) -> list[str]:
        found = self._processes()
        for process in found:
            process.send(signal.SIGTERM)
        until = time.monotonic() + 5
        while (left := self._processes()) and time.monotonic() < until:
            time.sleep(0.05)
        for process in left:
            process.send(signal.SIGKILL)
        return sorted(found.values())

    def _processes(self) -> dict[ProcessId, str]:
        """Its processes and guests, whoever started them, with their names."""
        started = {one.process: one.service for one in self._ledger.read()}
        mark = os.fsencode(f"{MARK}={self.layout.stack_id}")
        libvirt_root = str(self.layout.run / "libvirt")
        found = {}
        for process in running():
            command = process.command
            guest = bool(command) and "qemu" in command[0] and libvirt_root in " ".join(command)
            if process in started or guest or mark in process.environment:
                found[process] = started.get(process) or ("a guest" if guest else Path(command[0]).name)
        return found
