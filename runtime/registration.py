"""The users of a stack's keystone, and the addresses of its services."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from runtime.identity import Administrator
from runtime.plan import REGION, StackPlan
from runtime.services import mariadb
from tracer.terminal.errors import UserError

HASH_PASSWORDS = Path(__file__).parent / "inside" / "hash_passwords.py"

SERVICE_TYPES = {
    "keystone": ("keystone", "identity"),
    "placement": ("placement", "placement"),
    "glance": ("glance", "image"),
    "neutron": ("neutron", "network"),
    "no-network": ("no-network", "network"),
    "nova-api": ("nova", "compute"),
}
"""The name and the type under which each API is registered."""


def register(plan: StackPlan) -> None:
    """Register the services and their users with a running keystone that knows only its administrator.

    Raises:
        NotReadyError: keystone refuses something.
    """
    admin = Administrator(plan)

    def create(kind: str, **values: object) -> str:
        made = admin.ask("keystone", f"/{kind}s", method="POST", body={kind: values})
        return str(made[kind]["id"])

    roles = {role["name"]: role["id"] for role in admin.ask("keystone", "/roles")["roles"]}
    project = create("project", name="service", domain_id="default")
    for service, url in plan.endpoints.items():
        name, service_type = SERVICE_TYPES[service]
        service_id = create("service", name=name, type=service_type)
        for interface in ("public", "internal"):
            create("endpoint", service_id=service_id, interface=interface, url=url, region_id=REGION)
        if name in _passwords(plan):
            user = create("user", name=name, password=_passwords(plan)[name], domain_id="default")
            for role in ("admin", "service"):
                path = f"/projects/{project}/users/{user}/roles/{roles[role]}"
                admin.ask("keystone", path, method="PUT")


def personalise(plan: StackPlan) -> None:
    """Give what was once registered this stack's addresses and passwords, before keystone is started.

    Only these differ between two stacks; asking keystone for each change would take most of a stack's start.

    Raises:
        NotReadyError: the database refuses.
        UserError: the services' environment is broken.
    """
    statements = ["use keystone"]
    # Addresses, types, names and hashes are made here, and hold no quote.
    for service, url in plan.endpoints.items():
        service_type = SERVICE_TYPES[service][1]
        statements.append(
            f"update endpoint join service on endpoint.service_id = service.id "  # noqa: S608
            f"set endpoint.url = '{url}' where service.type = '{service_type}'"
        )
    for name, hashed in _hashes(plan).items():
        statements.append(
            f"update password join local_user on password.local_user_id = local_user.id "  # noqa: S608
            f"set password.password_hash = '{hashed}' where local_user.name = '{name}'"
        )
    mariadb.execute(plan, statements)


def _passwords(plan: StackPlan) -> dict[str, str]:
    names = ["placement", "glance", "nova", *(["neutron"] if plan.with_neutron else [])]
    return {name: str(getattr(plan.secrets, name)) for name in names}


def _hashes(plan: StackPlan) -> dict[str, str]:
    passwords = {"admin": plan.secrets.admin, **_passwords(plan)}
    hashed = subprocess.run(
        [str(plan.environment.python), "-P", str(HASH_PASSWORDS)],
        input=json.dumps(passwords),
        capture_output=True,
        text=True,
        check=False,
    )
    if hashed.returncode != 0:
        raise UserError(
            f"The services' environment in {plan.environment.prefix} is broken: it cannot hash passwords",
            "Remove that folder and set up again (`make setup`).",
            details=tuple(hashed.stderr.splitlines()[-10:]),
        )
    return {str(name): str(value) for name, value in json.loads(hashed.stdout).items()}
