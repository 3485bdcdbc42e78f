"""What the services are configured to: rendered for both kinds of stack, read as the services read it."""

from __future__ import annotations

import configparser
import re
from dataclasses import astuple
from pathlib import Path

import pytest

from runtime.lifecycle import PROGRAMS, all_services
from runtime.plan import Network, StackPlan
from runtime.services import openvswitch
from tests.runtime.plans import make_plan

NETWORKS: list[Network] = ["neutron", "none"]


def configured(plan: StackPlan) -> StackPlan:
    for program in PROGRAMS:
        # The switch's database is made by the switch's own program.
        if program is not openvswitch:
            program.configure(plan)
    return plan


def options(plan: StackPlan, name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.read_string((plan.layout.config / name).read_text())
    return parser


def files(plan: StackPlan) -> list[Path]:
    return [file for file in plan.layout.config.rglob("*") if file.is_file()]


@pytest.mark.parametrize("network", NETWORKS)
def test_every_file_with_a_secret_is_the_owners_alone(tmp_path: Path, network: Network) -> None:
    plan = configured(make_plan(tmp_path, network))
    holders = [
        file
        for file in [*files(plan), *plan.layout.state.rglob(".erlang.cookie")]
        if any(secret in file.read_text() for secret in astuple(plan.secrets))
    ]
    assert len(holders) >= 6
    assert {file.stat().st_mode & 0o077 for file in holders} == {0}


@pytest.mark.parametrize("network", NETWORKS)
def test_loopback_is_the_only_address(tmp_path: Path, network: Network) -> None:
    plan = configured(make_plan(tmp_path, network))
    texts = [file.read_text() for file in files(plan)]
    texts += [" ".join(service.command) for service in all_services(plan)]
    texts += [" ".join(service.environment.values()) for service in all_services(plan)]
    addresses = {address for text in texts for address in re.findall(r"\d+\.\d+\.\d+\.\d+", text)}
    assert addresses == {"127.0.0.1"}


def test_no_secret_is_on_a_command_line(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path))
    words = " ".join(word for service in all_services(plan) for word in service.command)
    assert not any(secret in words for secret in astuple(plan.secrets))


def test_a_port_that_is_not_plugged_in_fails_the_server(tmp_path: Path) -> None:
    nova = options(configured(make_plan(tmp_path)), "nova-compute/nova.conf")
    assert nova["DEFAULT"]["vif_plugging_is_fatal"] == "true"
    assert int(nova["DEFAULT"]["vif_plugging_timeout"]) > 0
    assert nova["DEFAULT"]["compute_driver"] == "libvirt.LibvirtDriver"
    assert nova["DEFAULT"]["force_config_drive"] == "false"


def test_without_network_nothing_of_neutron_is_there(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path, "none"))
    assert not (plan.layout.config / "neutron").exists()
    names = {service.name for service in all_services(plan)}
    assert "no-network" in names
    assert not names & {"neutron-api", "neutron-agent", "vswitchd"}
    assert options(plan, "nova/nova.conf")["DEFAULT"]["vif_plugging_timeout"] == "0"


def test_nova_compute_does_not_know_the_databases(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path))
    assert options(plan, "nova/nova.conf")["database"]["connection"].startswith("mysql+pymysql://")
    assert plan.secrets.database not in (plan.layout.config / "nova-compute/nova.conf").read_text()


@pytest.mark.parametrize("virt_type", ["qemu", "kvm"])
def test_guests_run_as_was_chosen(tmp_path: Path, virt_type: str) -> None:
    plan = make_plan(tmp_path)
    object.__setattr__(plan.choices, "virt_type", virt_type)
    assert options(configured(plan), "nova-compute/nova.conf")["libvirt"]["virt_type"] == virt_type


def test_a_lanes_extra_environment_reaches_its_privileged_helper(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path, extra_environment=lambda lane: {"PROBE_LANE": f"{lane} lane"}))
    for name, section in (
        ("nova-compute/nova.conf", "nova_sys_admin"),
        ("nova-compute/nova.conf", "vif_plug_ovs_privileged"),
        ("neutron/neutron.conf", "privsep"),
    ):
        command = options(plan, name)[section]["helper_command"]
        assert command.startswith("env 'PROBE_LANE=privsep lane' ")


def test_a_value_is_not_taken_for_a_reference_to_another_option(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path, extra_environment=lambda lane: {"PRICE": "5$DEFAULT"}))
    assert "5$$DEFAULT" in options(plan, "nova/nova.conf")["nova_sys_admin"]["helper_command"]


def test_every_service_that_is_waited_for_exists(tmp_path: Path) -> None:
    for network in NETWORKS:
        services = all_services(make_plan(tmp_path, network))
        names = {service.name for service in services}
        assert len(names) == len(services)
        assert {needed for service in services for needed in service.after} <= names


def test_every_api_is_served_by_one_service(tmp_path: Path) -> None:
    for network in NETWORKS:
        plan = make_plan(tmp_path, network)
        assert sorted(s.api for s in all_services(plan) if s.api) == sorted(plan.ports)


def test_libvirt_keeps_its_stacks_folder_in_sight(tmp_path: Path) -> None:
    plan = configured(make_plan(tmp_path))
    view = (plan.layout.config / "view-libvirt.sh").read_text()
    for folder in ("/run", "/var/lib", "/var/log", "/var/cache"):
        assert re.search(rf"^mount --rbind \S+ {folder}$", view, re.MULTILINE)
    assert view.rstrip().endswith('exec "$@"')
