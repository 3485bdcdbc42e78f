"""Configuration files of the light variant's two processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from runtime.environment import StackEnvironment

Sections = Mapping[str, Mapping[str, object]]

HOST = "embedded"
PATIENCE = 600
"""Seconds that anybody waits for a turn or an answer: many requests at once share one process."""
FILTER = """
[filter:onetoken]
paste.filter_factory = runtime.embedded.inside.one_token:filter_factory
"""


def write(file: Path, sections: Sections) -> None:
    """Write an oslo.config file that only its owner may read."""
    lines = []
    for section, options in sections.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {value}" for name, value in options.items()]
    file.touch(mode=0o600)
    file.write_text("\n".join(lines) + "\n")


def database(root: Path, name: str) -> str:
    """Address of a SQLite database in the stack's folder."""
    return f"sqlite:///{root}/state/{name}.sqlite?timeout={PATIENCE}"


def nova(root: Path, ports: Mapping[str, int], token: str, libvirt_uri: str, virt_type: str) -> Sections:
    """nova.conf for API, conductor, scheduler and compute in one process."""
    state = root / "state" / "nova"

    def service(name: str) -> dict[str, object]:
        url = f"http://127.0.0.1:{ports[name]}"
        return {"auth_type": "admin_token", "endpoint": url, "endpoint_override": url, "token": token}

    return {
        "DEFAULT": {
            "host": HOST,
            "my_ip": "127.0.0.1",
            "state_path": state,
            "transport_url": "fake://",
            "rpc_response_timeout": PATIENCE,
            "compute_driver": "libvirt.LibvirtDriver",
            "heal_instance_info_cache_interval": -1,
            # The guests are tiny and idle: dozens fit.
            "initial_cpu_allocation_ratio": 64,
            "initial_ram_allocation_ratio": 4,
            "initial_disk_allocation_ratio": 64,
        },
        "quota": {"instances": -1, "cores": -1, "ram": -1},
        "api_database": {"connection": database(root, "nova_api")},
        "database": {"connection": database(root, "nova")},
        "placement": service("placement"),
        "glance": {"endpoint_override": f"http://127.0.0.1:{ports['glance']}"},
        "neutron": service("network"),
        "oslo_concurrency": {"lock_path": state / "lock"},
        "libvirt": {"connection_uri": libvirt_uri, "virt_type": virt_type, "inject_partition": -2},
        "vnc": {"enabled": "false"},
        "spice": {"enabled": "false"},
    }


def placement(root: Path) -> Sections:
    """placement.conf; who may come in is checked in front of it."""
    return {
        "api": {"auth_strategy": "noauth2"},
        "placement_database": {"connection": database(root, "placement"), "sync_on_startup": "true"},
    }


def glance(root: Path, port: int) -> Sections:
    """glance-api.conf with the files of images below the stack's folder."""
    state = root / "state" / "glance"
    return {
        "DEFAULT": {"enabled_backends": "fs:file", "worker_self_reference_url": f"http://127.0.0.1:{port}"},
        "glance_store": {"default_backend": "fs"},
        "fs": {"filesystem_store_datadir": state / "images"},
        "os_glance_staging_store": {"filesystem_store_datadir": state / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": state / "tasks"},
        "database": {"connection": database(root, "glance")},
        "paste_deploy": {"config_file": root / "etc" / "glance-api-paste.ini"},
    }


def write_all(
    root: Path,
    environment: StackEnvironment,
    ports: Mapping[str, int],
    token: str,
    libvirt_uri: str,
    virt_type: str,
) -> None:
    """Write every file that the two processes read, and make the folders that they write to.

    Args:
        root: the stack's folder.
        environment: where the services are installed.
        ports: loopback port of ``nova-api``, ``placement``, ``glance`` and ``network``.
        token: the one token that all of them accept.
        libvirt_uri: the libvirt that runs inside of nova's process.
        virt_type: "kvm" or "qemu".
    """
    etc = root / "etc"
    folders = (
        "nova/instances",
        "nova/lock",
        "glance/images",
        "glance/staging",
        "glance/tasks",
        "libvirt/etc",
    )
    for folder in (etc, *(root / "state" / name for name in folders)):
        folder.mkdir(parents=True, exist_ok=True)
    write(etc / "nova.conf", nova(root, ports, token, libvirt_uri, virt_type))
    write(etc / "placement.conf", placement(root))
    write(etc / "glance-api.conf", glance(root, ports["glance"]))
    paste = environment.share("etc/nova/api-paste.ini").read_text()
    (etc / "api-paste.ini").write_text(
        paste.replace("authtoken keystonecontext", "onetoken keystonecontext") + FILTER
    )
    paste = environment.share("etc/glance/glance-api-paste.ini").read_text()
    (etc / "glance-api-paste.ini").write_text(
        paste.replace("unauthenticated-context", "onetoken context") + FILTER
    )
