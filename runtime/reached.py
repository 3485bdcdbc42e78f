"""Finds the stack that is up in a folder and says how its user reaches it."""

from __future__ import annotations

from pathlib import Path

from runtime.embedded.stack import EmbeddedStack
from runtime.installed import REMEDY
from runtime.ledger import Ledger
from runtime.provisioning.environments import cache_folder
from runtime.provisioning.guest import Guest, built_guest
from runtime.scenarios.target import Target
from runtime.stack import Stack
from tracer.terminal.errors import ANSWER_IS_NO, UserError

SHOWN_VERSIONS = ("nova", "openstack_placement", "keystone", "glance", "neutron", "oslo_messaging", "os_vif")


def target(state_dir: Path, cache: Path | None = None) -> Target:
    """The stack in ``state_dir``, real or embedded.

    Args:
        state_dir: the stack's folder.
        cache: where the guest is kept; default as in `runtime.provisioning.environments.cache_folder`.

    Raises:
        UserError: none is up there, or there is no guest for it to boot.
    """
    embedded = EmbeddedStack(state_dir)
    if embedded.exists:
        return embedded.target(guest(cache), embedded.layout.spool)
    stack = Stack.load(state_dir)
    if not stack.runs:
        half = "not completely up" if stack.exists else "not up"
        raise UserError(
            f"The stack in {stack.layout.root} is {half}.",
            "Bring it up with `stackwalk stack up`; `stackwalk stack status` says what is wrong with it.",
            exit_code=ANSWER_IS_NO,
        )
    return of_stack(stack, guest(cache))


def guest(cache: Path | None = None) -> Guest:
    """The guest that the bootstrap has built.

    Raises:
        UserError: it has not.
    """
    found = built_guest(cache or cache_folder())
    if found is None:
        raise UserError("The guest has not been built.", REMEDY)
    return found


def of_stack(stack: Stack, guest: Guest) -> Target:
    """How the user of a real stack that is up reaches it."""
    plan = stack.plan
    credentials = stack.credentials()
    endpoints = {"compute": plan.endpoints["nova-api"], "image": plan.endpoints["glance"]}
    if plan.with_neutron:
        endpoints["network"] = plan.endpoints["neutron"]
    versions = plan.environment.versions()
    alive = [started for started in Ledger(stack.layout.ledger).read() if started.process.alive]
    return Target(
        environment=plan.environment,
        auth={
            "type": "password",
            "auth_url": credentials["auth_url"],
            "username": credentials["username"],
            "password": credentials["password"],
            "project": credentials["project_name"],
        },
        endpoints=endpoints,
        spool_dir=stack.layout.spool,
        guest=guest,
        libvirt_uri=stack.libvirt_uri(read_only=True),
        compute_log=stack.layout.log("nova-compute"),
        processes={started.process: started.service for started in alive},
        facts={
            "stack": "real: every service is a process of its own",
            "network": plan.choices.network,
            "virt_type": plan.choices.virt_type,
            "concurrency": plan.choices.concurrency,
            "guest_kernel": guest.kernel_version,
            **{f"version_{name}": versions[name] for name in SHOWN_VERSIONS if name in versions},
        },
    )
