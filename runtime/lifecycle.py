"""Bringing a planned stack up, from an empty folder to a compute host that takes guests."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from runtime import schemas
from runtime.namespaces import NetworkNamespace
from runtime.plan import StackPlan
from runtime.ports import HeldPorts
from runtime.readiness import NotReadyError
from runtime.registration import personalise
from runtime.services import (
    glance,
    keystone,
    libvirt,
    mariadb,
    neutron,
    no_network,
    nova,
    openvswitch,
    placement,
    rabbitmq,
)
from runtime.services.service import Service, search_path
from runtime.supervisor import Supervisor
from runtime.tasks import Task, run_all
from tracer.terminal.errors import UserError
from tracer.terminal.progress import Step, Steps

PROGRAMS = (rabbitmq, mariadb, libvirt, openvswitch, keystone, placement, glance, neutron, no_network, nova)

PROGRAMS_BESIDE_SERVICES = ("ip", "nsenter", "unshare", "mount", "umount", "mariadb", "mariadb-install-db")
PROGRAMS_BESIDE_THE_SWITCH = ("ovsdb-tool", "ovs-vsctl", "ovs-appctl")


def all_services(plan: StackPlan) -> list[Service]:
    """Every service that a stack of this plan has."""
    return [service for program in PROGRAMS for service in program.services(plan)]


def bring_up(plan: StackPlan, ports: HeldPorts, cache_folder: Path, steps: Steps) -> None:
    """Configure and start every service, and wait until each does its work.

    Args:
        plan: the stack, nothing of which exists yet but its folder and its secrets.
        ports: the loopback ports held for its APIs.
        cache_folder: where database schemas are kept for later stacks.
        steps: shows what is being done.

    Raises:
        ServiceFailedError: a service failed; what was started runs still.
        UserError: the machine lacks something.
    """
    _require_programs(plan)
    try:
        _bring_up(plan, ports, cache_folder, steps)
    except NotReadyError as error:
        raise UserError(
            f"A service of the stack refuses what it is told: {error}",
            f"The logs in {plan.layout.logs} may say why.",
        ) from error


def _bring_up(plan: StackPlan, ports: HeldPorts, cache_folder: Path, steps: Steps) -> None:
    with steps.step("Configuring the stack"):
        _prepare(plan)
    cache = schemas.SchemaCache(cache_folder)
    key = schemas.cache_key(plan.environment.versions(), schemas.server_version(), plan.choices.network)
    supervisor = Supervisor(plan, ports)
    if not cache.holds(key):
        with steps.step("Creating the databases' schemas (once for these releases)"):
            schemas.create(plan, supervisor)
            cache.store(key, mariadb.data_folder(plan))
    else:
        with steps.step("Restoring the databases' schemas"):
            cache.restore(key, mariadb.data_folder(plan))
    services = all_services(plan)
    tasks = [_start_task(plan, supervisor, service) for service in services]
    with steps.step("Starting the services", total=len(tasks)) as step:
        run_all(tasks, supervisor.stopped.set, lambda _, under_way: _show(step, under_way))


def _require_programs(plan: StackPlan) -> None:
    wanted = {*PROGRAMS_BESIDE_SERVICES, *(service.command[0] for service in all_services(plan))}
    if plan.with_neutron:
        wanted.update(PROGRAMS_BESIDE_THE_SWITCH)
    if missing := sorted(
        program for program in wanted if shutil.which(program, path=search_path(plan)) is None
    ):
        raise UserError(
            f"The stack cannot be started, as these programs are missing: {', '.join(missing)}",
            "Run `stackwalk doctor`, which says where each of them comes from.",
        )


def _prepare(plan: StackPlan) -> None:
    layout = plan.layout
    for folder in (layout.logs, layout.config, layout.state, layout.temporary):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for log in layout.logs.glob("*.log"):
        log.unlink()
    shutil.rmtree(layout.spool, ignore_errors=True)
    NetworkNamespace(layout.network_namespace).create(reserved=plan.ports.values())
    for program in PROGRAMS:
        program.configure(plan)


def _start_task(plan: StackPlan, supervisor: Supervisor, service: Service) -> Task:
    def work() -> None:
        supervisor.start(service)
        supervisor.wait_until_ready(service)
        if service.name == "mariadb":
            mariadb.admit_services(plan)
            personalise(plan)

    return Task(service.name, work, service.after)


def _show(step: Step, under_way: Sequence[str]) -> None:
    step.advance()
    step.note(f"waiting for {', '.join(under_way)}" if under_way else "")
