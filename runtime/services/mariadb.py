"""MariaDB, the database server, reached over its unix socket only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runtime.plan import StackPlan
from runtime.readiness import program_agrees
from runtime.rendering import render
from runtime.services.service import Service

SERVER = "/usr/sbin/mariadbd"


def data_folder(plan: StackPlan) -> Path:
    """The folder of the server's files."""
    return plan.layout.state / "mariadb"


def configure(plan: StackPlan) -> None:
    """Write the server's configuration."""
    render("mariadb.cnf.j2", plan, plan.layout.config / "mariadb" / "mariadb.cnf", data=data_folder(plan))


def services(plan: StackPlan) -> list[Service]:
    """The server's one process."""
    return [
        Service(
            name="mariadb",
            command=(SERVER, f"--defaults-file={plan.layout.config / 'mariadb' / 'mariadb.cnf'}"),
            ready=lambda: execute(plan, ["select 1"]),
            infrastructure=True,
        )
    ]


def execute(plan: StackPlan, statements: Sequence[str]) -> None:
    """Run statements as the server's administrator, who is known by owning the process and has no password.

    Raises:
        NotReadyError: the server does not answer, or refuses.
    """
    program_agrees(
        "mariadb",
        "--no-defaults",
        "--user=root",
        f"--socket={plan.database_socket}",
        f"--execute={';'.join(statements)}",
    )


def admit_services(plan: StackPlan) -> None:
    """Let the stack's services in, with this stack's password.

    Raises:
        NotReadyError: the server refuses.
    """
    execute(
        plan,
        [
            f"create or replace user stack@localhost identified by '{plan.secrets.database}'",
            "grant all privileges on *.* to stack@localhost",
        ],
    )
