"""The databases' schemas: made once for each set of installed releases, restored from a cache afterwards."""

from __future__ import annotations

import fcntl
import hashlib
import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from runtime.credentials import Secrets
from runtime.plan import REGION, Network, StackPlan
from runtime.ports import HeldPorts
from runtime.registration import register
from runtime.rendering import TEMPLATES
from runtime.services import keystone, mariadb, neutron, nova
from runtime.supervisor import Supervisor

SHAPE = "2"
"""Changed whenever this module makes the databases in another way."""

ENTRIES_KEPT = 3
DATABASES = ("keystone", "placement", "glance", "nova_api", "nova", "nova_cell0")

# Nova fills these in from its own configuration, so that the cell's rows hold no password and no path.
CELL_BROKER = "{scheme}://{username}:{password}@{hostname}:{port}/"
CELL_DATABASE = "{scheme}://{username}:{password}@{hostname}/nova?{query}"
CELL0_DATABASE = "{scheme}://{username}:{password}@{hostname}/nova_cell0?{query}"


def cache_key(versions: dict[str, str], server_version: str, network: Network) -> str:
    """Names what the schemas depend on: anything that differs gives another name.

    Args:
        versions: every installed distribution and its version.
        server_version: what the database server says of itself.
        network: whether neutron's schema is among them.
    """
    digest = hashlib.sha256()
    for part in (SHAPE, server_version, network, json.dumps(sorted(versions.items()))):
        digest.update(part.encode() + b"\0")
    digest.update((TEMPLATES / "mariadb.cnf.j2").read_bytes())
    return digest.hexdigest()[:16]


def server_version() -> str:
    """What the installed database server says of itself."""
    asked = subprocess.run([mariadb.SERVER, "--version"], capture_output=True, text=True, check=True)
    return asked.stdout.strip()


class SchemaCache:
    """Database files with every schema in them and no password of any stack.

    Args:
        folder: holds one folder for each key.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, key: str) -> bool:
        """Whether there is an entry for ``key`` and all of it is there."""
        entry = self._folder / key
        try:
            manifest = json.loads((entry / "manifest.json").read_text())
            return bool(manifest) and manifest == _sizes(entry / "data")
        except (OSError, ValueError):
            return False

    def restore(self, key: str, target: Path) -> None:
        """Copy an entry's database files to ``target``, which must not exist.

        Raises:
            OSError: there is no such entry.
        """
        entry = self._folder / key
        with self._alone():
            shutil.copytree(entry / "data", target)
            (entry / "manifest.json").touch()

    def store(self, key: str, data: Path) -> None:
        """Take a stopped server's files in, whole or not at all; the oldest entries go."""
        with self._alone():
            if self.holds(key):
                return
            draft = self._folder / f".{key}.{secrets.token_hex(4)}"
            try:
                shutil.copytree(data, draft / "data")
                (draft / "manifest.json").write_text(json.dumps(_sizes(draft / "data")))
                shutil.rmtree(self._folder / key, ignore_errors=True)
                draft.rename(self._folder / key)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            self._prune()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other stacks from changing the cache meanwhile."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prune(self) -> None:
        entries = [entry for entry in self._folder.iterdir() if (entry / "manifest.json").exists()]
        entries.sort(key=lambda entry: (entry / "manifest.json").stat().st_mtime, reverse=True)
        for entry in entries[ENTRIES_KEPT:]:
            shutil.rmtree(entry, ignore_errors=True)


def create(plan: StackPlan, supervisor: Supervisor) -> None:
    """Make all databases in the stack's own data folder, and stop the server again.

    They have their schemas, nova's cell, and keystone's services and users, with passwords of no stack.

    Args:
        plan: the stack, whose configuration has been written.
        supervisor: runs the programs.

    Raises:
        NotReadyError: keystone or the database server refuses something.
        ServiceFailedError: one of the programs failed.
    """
    data = mariadb.data_folder(plan)
    supervisor.run(
        "mariadb-install",
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--user=root",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
            "--skip-name-resolve",
        ],
    )
    (server,) = mariadb.services(plan)
    supervisor.start(server)
    supervisor.wait_until_ready(server)
    names = [*DATABASES, *(["neutron"] if plan.with_neutron else [])]
    mariadb.execute(plan, [f"create database {name} character set utf8mb3" for name in names])
    mariadb.admit_services(plan)
    with ThreadPoolExecutor(3) as executor:
        lanes = [
            executor.submit(lane, plan, supervisor)
            for lane in (_keystone_schema, _nova_schemas, _other_schemas)
        ]
        try:
            for lane in lanes:
                lane.result()
        except BaseException:
            supervisor.stopped.set()
            raise
    mariadb.execute(plan, ["drop user stack@localhost"])
    supervisor.wait_for_end("mariadb")


def _nova_schemas(plan: StackPlan, supervisor: Supervisor) -> None:
    manage = [str(plan.environment.program("nova-manage")), "--config-file", str(nova.config_file(plan))]
    run = supervisor.run
    run("nova-schemas", [*manage, "api_db", "sync"])
    run("nova-schemas", [*manage, "cell_v2", "map_cell0", "--database_connection", CELL0_DATABASE])
    run("nova-schemas", [*manage, "db", "sync"])
    create_cell = ["cell_v2", "create_cell", "--name", "cell1", "--transport-url", CELL_BROKER]
    run("nova-schemas", [*manage, *create_cell, "--database_connection", CELL_DATABASE])


def _keystone_schema(plan: StackPlan, supervisor: Supervisor) -> None:
    config = plan.layout.config / "keystone" / "keystone.conf"
    manage = [str(plan.environment.program("keystone-manage")), "--config-file", str(config)]
    supervisor.run("keystone-schema", [*manage, "db_sync"])
    with HeldPorts(["keystone"]) as held:
        # This keystone and the passwords it is told are gone before the stack's own one is started.
        passing = replace(plan, secrets=Secrets(), ports={**plan.ports, "keystone": held.port("keystone")})
        # The password goes by the environment, because command lines can be read by everybody.
        first = {"OS_BOOTSTRAP_PASSWORD": passing.secrets.admin, "OS_BOOTSTRAP_REGION_ID": REGION}
        supervisor.run("keystone-schema", [*manage, "bootstrap"], first)
        keeper = Supervisor(passing, held)
        keeper.stopped = supervisor.stopped
        (service,) = keystone.services(passing)
        keeper.start(service)
        keeper.wait_until_ready(service)
        register(passing)
        keeper.wait_for_end(service.name)


def _other_schemas(plan: StackPlan, supervisor: Supervisor) -> None:
    program, config = plan.environment.program, plan.layout.config
    glance = [str(program("glance-manage")), "--config-file", str(config / "glance" / "glance-api.conf")]
    supervisor.run("glance-schema", [*glance, "db_sync"])
    placement = [
        str(program("placement-manage")),
        "--config-file",
        str(config / "placement" / "placement.conf"),
    ]
    supervisor.run("placement-schema", [*placement, "db", "sync"])
    if plan.with_neutron:
        main, plugin, _ = neutron.config_files(plan)
        manage = [str(program("neutron-db-manage")), "--config-file", str(main), "--config-file", str(plugin)]
        supervisor.run("neutron-schema", [*manage, "upgrade", "heads"])


def _sizes(folder: Path) -> dict[str, int]:
    files = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return {str(file.relative_to(folder)): file.stat().st_size for file in files}
