"""KVM is used only where a guest came up with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime import acceleration
from runtime.provisioning.guest import MARKER, Guest
from tests.runtime.programs import put_first_on_path, put_program

PLENTY = 30.0


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    folder = tmp_path / "guest-1"
    return Guest(folder / "vmlinuz", folder / "initrd.gz", folder / "disk.qcow2", "6.1")


@pytest.fixture
def device(tmp_path: Path) -> Path:
    device = tmp_path / "kvm"
    device.touch()
    return device


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    put_first_on_path(monkeypatch, tmp_path / "bin")
    return tmp_path / "bin"


def test_a_guest_that_speaks_under_kvm_decides_for_it(guest: Guest, device: Path, programs: Path) -> None:
    # It does not end by itself, as the real guest does not.
    put_program(programs, "qemu-system-x86_64", f"echo booting; echo {MARKER}; exec sleep 1000")
    decision = acceleration.decide(guest, device=device, seconds=PLENTY)
    assert (decision.virt_type, decision.name) == ("kvm", "KVM")


def test_a_device_that_hangs_is_not_used(guest: Guest, device: Path, programs: Path) -> None:
    put_program(programs, "qemu-system-x86_64", "echo booting; exec sleep 1000")
    decision = acceleration.decide(guest, device=device, seconds=0.3)
    assert (decision.virt_type, decision.name) == ("qemu", "TCG")
    assert "did not come up" in decision.reason


def test_what_qemu_says_against_kvm_is_passed_on(guest: Guest, device: Path, programs: Path) -> None:
    put_program(programs, "qemu-system-x86_64", "echo 'failed to initialize kvm: No such device' >&2; exit 1")
    decision = acceleration.decide(guest, device=device, seconds=PLENTY)
    assert decision.virt_type == "qemu"
    assert "failed to initialize kvm: No such device" in decision.reason


def test_without_a_device_nothing_is_tried(guest: Guest, tmp_path: Path, programs: Path) -> None:
    put_program(programs, "qemu-system-x86_64", f"touch {tmp_path}/tried")
    assert acceleration.decide(guest, device=tmp_path / "none").virt_type == "qemu"
    assert not (tmp_path / "tried").exists()


def test_the_answer_is_kept_for_the_next_time(
    guest: Guest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Guest] = []

    def decide(asked_for: Guest) -> acceleration.Acceleration:
        asked.append(asked_for)
        return acceleration.Acceleration("kvm", "it came up")

    monkeypatch.setattr(acceleration, "decide", decide)
    cache = tmp_path / "cache"
    first = acceleration.decide_once(guest, cache)
    assert acceleration.decide_once(guest, cache) == first
    assert len(asked) == 1
    (cache / "acceleration.json").write_text("{ cut off")
    assert acceleration.decide_once(guest, cache) == first
    assert len(asked) == 2
