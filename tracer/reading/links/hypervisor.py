"""libvirt's Python binding: which class its calls return, so that methods get the ids they have at run
time."""

from __future__ import annotations

from tracer.reading.flow.objects import BoundObj, Call, FuncObj, Obj
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
        engine.models[f"{_MODULE}.virConnect.domainEventRegisterAny"] = self._listen

    def _listen(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``connection.domainEventRegisterAny(domain, event, callback, opaque)``: every callback is given the
        connection, the domain, what the event tells, and last what was handed in as ``opaque``.

        From the documentation of libvirt's Python binding.
        """
        engine = self.engine
        call.site.external[f"{_MODULE}:virConnect.domainEventRegisterAny"] = "native"
        callback, opaque = call.argument(2, "cb"), call.argument(3, "opaque")
        if callback is not None:
            engine.watch(callback, self._called_back, opaque, call)
        engine.add(call.dst, engine.plain("int").id)
        return True

    def _called_back(self, numbers: list[int], opaque: int | None, call: Call) -> None:
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            func = value.func if isinstance(value, BoundObj) else value
            if isinstance(func, FuncObj):
                count = len(func.code.positional) - (func is not value)
                args = [engine.new_var() for _ in range(max(count, 0))]
                for at, name in enumerate(("virConnect", "virDomain")[:count]):
                    args[at] = engine.singleton(engine.external(_MODULE, name))
                if opaque is not None and count > 2:
                    args[-1] = opaque
                inner = call.with_args(tuple((None, var) for var in args), engine.new_var(), "callback")
                engine.call_value(value, inner)

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
