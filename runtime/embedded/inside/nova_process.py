"""Nova's API, conductor, scheduler and compute, and Placement, in this one process.

``python -m runtime.embedded.inside.nova_process CONFIG_FOLDER``. Messages between them go over
oslo.messaging's in-memory driver, privileged calls run in this process, and so does libvirt.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

from runtime.embedded.inside import patient_sqlite
from runtime.embedded.inside.one_token import OneToken
from runtime.embedded.inside.serving import serve_beside
from runtime.inside import no_network

CELL = "cell1"
CELL_UUID = "5bd0c6ac-8b1d-4a3c-9e1f-0f9c7d1b6a55"


def main() -> None:
    """Start everything, serve the API last, and stay."""
    folder = sys.argv[1]
    # Reading a guest's console makes its terminal this session's own, which hangs up when the guest ends.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.argv = ["nova-embedded", "--config-file", f"{folder}/nova.conf"]
    from nova import monkey_patch

    monkey_patch.patch(backend="threading")
    patient_sqlite.install()
    context = _configure()
    _serve_placement(folder)
    serve_beside("network", OneToken(no_network.application))
    _make_schemas(context)
    _start_services()
    from nova.objects import host_mapping

    host_mapping.discover_hosts(context)
    from paste import deploy

    serve_beside("nova-api", deploy.loadapp(f"config:{folder}/api-paste.ini", name="osapi_compute"))
    threading.Event().wait()


def _configure() -> Any:
    import nova.conf
    import nova.network.neutron  # registers the options of its configuration section
    import nova.privsep
    import os_vif
    from nova import config, context, objects
    from oslo_log import log

    config.parse_args(sys.argv)
    log.setup(nova.conf.CONF, "nova")
    objects.register_all()
    os_vif.initialize()
    nova.privsep.sys_admin_pctxt.set_client_mode(False)
    return context.get_admin_context()


def _serve_placement(folder: str) -> None:
    os.environ["OS_PLACEMENT_CONFIG_DIR"] = folder
    from placement import wsgi

    serve_beside("placement", OneToken(wsgi.init_application()))


def _make_schemas(context: Any) -> None:
    import nova.conf
    from nova import context as nova_context
    from nova import objects
    from nova.db import migration

    main_database = nova.conf.CONF.database.connection
    migration.db_sync(database="api")
    cells = [
        objects.CellMapping(
            context=context,
            uuid=objects.CellMapping.CELL0_UUID,
            name="cell0",
            transport_url="none:///",
            database_connection=main_database.replace("/nova.sqlite", "/nova_cell0.sqlite"),
        ),
        objects.CellMapping(
            context=context,
            uuid=CELL_UUID,
            name=CELL,
            transport_url=nova.conf.CONF.transport_url,
            database_connection=main_database,
        ),
    ]
    for cell in cells:
        cell.create()
        with nova_context.target_cell(context, cell) as cell_context:
            migration.db_sync(database="main", context=cell_context)


def _start_services() -> None:
    from nova import service
    from nova.compute import rpcapi as compute
    from nova.conductor import rpcapi as conductor
    from nova.scheduler import rpcapi as scheduler

    programs: list[tuple[str, str, dict[str, str]]] = [
        ("nova-conductor", conductor.RPC_TOPIC, {}),
        ("nova-scheduler", scheduler.RPC_TOPIC, {}),
        ("nova-compute", compute.RPC_TOPIC, {"topic_alt": compute.RPC_TOPIC_ALT}),
    ]
    for binary, topic, more in programs:
        service.Service.create(binary=binary, topic=topic, **more).start()


if __name__ == "__main__":
    main()
