"""libvirt's Python binding: which class its calls return, so that methods get the ids they have at run
time."""

from __future__ import annotations

from tracer.reading.flow.objects import Call, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_MODULE = "libvirt"
_RESULTS = {
    "open": "virConnect",
    "openAuth": "virConnect",
    "openReadOnly": "virConnect",
    "virConnect.secretDefineXML": "virSecret",
    "virConnect.secretLookupByUsage": "virSecret",
    "virConnect.secretLookupByUUIDString": "virSecret",
    "virConnect.storagePoolLookupByName": "virStoragePool",
    "virConnect.networkLookupByName": "virNetwork",
    "virConnect.interfaceLookupByName": "virInterface",
    "virConnect.nwfilterLookupByName": "virNWFilter",
    "virConnect.nwfilterDefineXML": "virNWFilter",
    "virConnect.nodeDeviceLookupByName": "virNodeDevice",
    "virConnect.nodeDeviceDefineXML": "virNodeDevice",
    "virConnect.nodeDeviceCreateXML": "virNodeDevice",
    "virConnect.newStream": "virStream",
    "virConnect.listAllDevices": "virNodeDevice",
    "virConnect.listAllSecrets": "virSecret",
    "virDomain.snapshotCreateXML": "virDomainSnapshot",
} | {
    f"virConnect.{name}": "virDomain"
    for name in (
        "lookupByID",
        "lookupByName",
        "lookupByUUID",
        "lookupByUUIDString",
        "defineXML",
        "defineXMLFlags",
        "createXML",
        "createXMLWithFiles",
        "listAllDomains",
        "createLinux",
    )
}


class Hypervisor(RuleBase):
    """Objects of the ``libvirt`` module, followed by class."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for name, result in _RESULTS.items():
            engine.models[f"{_MODULE}.{name}"] = self._returning(name, result)

    def _returning(self, name: str, result: str):  # type: ignore[no-untyped-def]
        def model(call: Call, bound: tuple[Obj, ...]) -> bool:
            call.site.external[f"{_MODULE}:{name}"] = "native"
            engine = self.engine
            made = engine.external(_MODULE, result)
            if name.startswith("virConnect.listAll"):
                items = engine.container("list", ("libvirt", call.inst.id, call.op))
                engine.add(items.rest, made.id)
                engine.add(call.dst, items.id)
            else:
                engine.add(call.dst, made.id)
            for _, var in call.args:
                engine.watch(var, engine._hand_out, call)
            return True

        return model
