"""Packages are installed without their services starting, whatever happens meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.provisioning.apt_install import POLICY, POLICY_TEXT
from tests.runtime.programs import put_program

WANTS = "etc/systemd/system/multi-user.target.wants"


class Machine:
    """A folder that stands for the root of a file system, and an apt that writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.bin = folder / "bin"
        self.log = folder / "apt.log"
        self.policy = self.root / POLICY
        (self.root / WANTS).mkdir(parents=True)
        self.known(True)
        self.installs("exit 0")

    def known(self, yes: bool) -> None:
        put_program(self.bin, "apt-cache", f"echo '  Candidate: {'1.0' if yes else '(none)'}'")

    def installs(self, script: str) -> None:
        """What apt-get does when it installs; ``$root`` is the file system, and updating always works."""
        put_program(
            self.bin,
            "apt-get",
            f'root={self.root}\ncase "$*" in *update*) echo update >> {self.log}; exit 0;; esac\n'
            f"if [ -x {self.policy} ]; then {self.policy}; echo install policy $? >> {self.log}; "
            f"else echo install no policy >> {self.log}; fi\n{script}",
        )

    def waits_to_be_told(self) -> Path:
        """Let apt-get install until it is told to end; returns the pipe that it writes to when it begins."""
        fifo = self.root / "reached"
        os.mkfifo(fifo)
        self.installs(
            f'trap "echo told to end >> {self.log}; exit 130" INT\n'
            f"echo > {fifo}\nwhile :; do sleep 0.05; done"
        )
        return fifo

    def start(self, before: str = "") -> subprocess.Popen[str]:
        """Install a package in a process of its own, which first does what ``before`` says."""
        code = (
            "import pathlib, signal, sys; from runtime.provisioning import apt_install;"
            f"signal.signal(signal.SIGTERM, apt_install._stop);{before}\n"
            "sys.exit(apt_install.main(['one'], pathlib.Path(sys.argv[1])))"
        )
        return subprocess.Popen(
            [sys.executable, "-c", code, str(self.root)],
            env={**os.environ, "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def install(self) -> tuple[int, str]:
        process = self.start()
        said, _ = process.communicate(timeout=30)
        return process.returncode, said

    def asked(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_no_service_may_start_while_packages_are_installed(machine: Machine) -> None:
    assert machine.install()[0] == 0
    assert machine.asked() == ["install policy 101"]
    assert not machine.policy.exists()


def test_the_ban_is_lifted_when_installing_fails(machine: Machine) -> None:
    machine.installs("exit 100")
    assert machine.install()[0] == 100
    assert not machine.policy.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_ban_is_lifted_when_installing_is_interrupted(machine: Machine, number: signal.Signals) -> None:
    fifo = machine.waits_to_be_told()
    process = machine.start()
    fifo.read_text()
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert not machine.policy.exists()
    assert machine.asked()[-1] == "told to end"


ENDED_WHILE_STARTING = """
import os, subprocess
class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        super().__init__(command, **options)
        if "install" in command:
            open(%r).read()
            os.kill(os.getpid(), signal.SIGTERM)
subprocess.Popen = Popen
"""


def test_apt_get_is_told_even_if_the_signal_arrives_while_it_is_being_started(machine: Machine) -> None:
    fifo = machine.waits_to_be_told()
    process = machine.start(ENDED_WHILE_STARTING % str(fifo))
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert not machine.policy.exists()
    assert machine.asked()[-1] == "told to end"


def test_what_the_administrator_decided_stays(machine: Machine) -> None:
    machine.policy.parent.mkdir(parents=True)
    machine.policy.write_text("#!/bin/sh\nexit 104\n")
    machine.policy.chmod(0o755)
    assert machine.install()[0] == 0
    assert machine.asked() == ["install policy 104"]
    assert machine.policy.read_text() == "#!/bin/sh\nexit 104\n"


def test_a_ban_left_behind_by_a_killed_run_is_lifted(machine: Machine) -> None:
    machine.policy.parent.mkdir(parents=True)
    machine.policy.write_text(POLICY_TEXT)
    machine.policy.chmod(0o755)
    assert machine.install()[0] == 0
    assert machine.asked() == ["install policy 101"]
    assert not machine.policy.exists()


def test_services_that_came_along_are_left_disabled_and_others_as_they_were(machine: Machine) -> None:
    (machine.root / WANTS / "mine.service").symlink_to("/nowhere")
    machine.installs(
        f"cd $root/{WANTS}; ln -s /nowhere broker.service; ln -s /nowhere systemd-resolved.service\n"
        "mkdir -p $root/etc/rc3.d; ln -s /nowhere $root/etc/rc3.d/S01broker"
    )
    code, said = machine.install()
    assert code == 0
    assert sorted(link.name for link in (machine.root / WANTS).iterdir()) == [
        "mine.service",
        "systemd-resolved.service",
    ]
    assert [link.name for link in (machine.root / "etc/rc3.d").iterdir()] == ["K01broker"]
    assert "stackwalk: left disabled: broker\n" in said


def test_package_lists_are_refreshed_only_when_they_lack_something(machine: Machine) -> None:
    machine.known(False)
    assert machine.install()[0] == 0
    assert machine.asked() == ["update", "install policy 101"]


def test_old_package_lists_are_refreshed_and_installing_is_tried_again(machine: Machine) -> None:
    machine.installs(f"grep -q update {machine.log}")
    assert machine.install()[0] == 0
    assert machine.asked() == ["install policy 101", "update", "install policy 101"]
