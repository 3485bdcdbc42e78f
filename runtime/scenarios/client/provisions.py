"""What a server needs before it can be created: its image, flavor and network, made when they are missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.scenarios.client.api import Api

NAME = "stackwalk"
SUBNET = "192.0.2.0/24"
"""From the range that is set aside for documentation: it meets no real network."""


def image(api: Api, guest: dict[str, str]) -> str:
    """The id of the guest's disk image, tied to its kernel and first file system.

    Args:
        api: the stack's APIs.
        guest: paths of ``kernel``, ``initrd`` and ``disk``, the kernel's ``options``, and ``name``, which
            says which guest it is.
    """
    name = guest["name"]
    found = api.get("image", f"/v2/images?name={name}&status=active")["images"]
    if found:
        return str(found[0]["id"])
    kernel = _upload(api, f"{name}-kernel", guest["kernel"], "aki", "aki")
    ramdisk = _upload(api, f"{name}-initrd", guest["initrd"], "ari", "ari")
    return _upload(
        api,
        name,
        guest["disk"],
        "qcow2",
        "bare",
        kernel_id=kernel,
        ramdisk_id=ramdisk,
        os_command_line=guest["options"],
    )


def flavor(api: Api) -> str:
    """The id of the smallest flavor that the guest runs in."""
    for found in api.get("compute", "/flavors")["flavors"]:
        if found["name"] == NAME:
            return str(found["id"])
    wanted = {"name": NAME, "ram": 128, "vcpus": 1, "disk": 1}
    return str(api.send("POST", "compute", "/flavors", {"flavor": wanted})["flavor"]["id"])


def networks(api: Api) -> Any:
    """What a request to create a server says of its network: "none" where there is no such service."""
    if not api.has_network:
        return "none"
    found = api.get("network", f"/v2.0/networks?name={NAME}")["networks"]
    if found and found[0]["subnets"]:
        return [{"uuid": found[0]["id"]}]
    if found:
        network = found[0]["id"]
    else:
        network = api.send("POST", "network", "/v2.0/networks", {"network": {"name": NAME}})["network"]["id"]
    subnet = {"network_id": network, "ip_version": 4, "cidr": SUBNET, "enable_dhcp": False, "name": NAME}
    api.send("POST", "network", "/v2.0/subnets", {"subnet": subnet})
    return [{"uuid": network}]


def _upload(
    api: Api, name: str, file: str, disk_format: str, container_format: str, **properties: str
) -> str:
    body = {"name": name, "disk_format": disk_format, "container_format": container_format, **properties}
    made = str(api.send("POST", "image", "/v2/images", body)["id"])
    with Path(file).open("rb") as stream:
        api.send("PUT", "image", f"/v2/images/{made}/file", stream=stream)
    return made
