"""oslo.messaging: from ``client.cast(ctxt, "method", ...)`` to the endpoint's method.

A client and an endpoint belong together when their targets have the same namespace and the same major
version, and
the endpoint has the method. Endpoints are what was handed to an RPC server (behind wrappers that forward with
``__getattr__``, too); where no server is seen, every class with a ``target`` is one.
"""

from __future__ import annotations

from tracer.model.paths import Handover
from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import BoundObj, Call, ClassObj, Container, Framework, FuncObj, InstObj, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.handovers import code_of
from tracer.reading.links.base import RuleBase
from tracer.reading.links.versioned_objects import VersionedObjects

_CLIENTS = (
    "get_rpc_client",
    "RPCClient",
    "rpc.RPCClient",
    "rpc.client.RPCClient",
    "rpc.client.get_rpc_client",
)
_SERVERS = ("get_rpc_server", "rpc.get_rpc_server", "rpc.server.get_rpc_server")
_NOTIFIERS = ("Notifier", "notify.Notifier", "notify.notifier.Notifier")
_PRIORITIES = ("audit", "critical", "debug", "error", "exception", "info", "sample", "warn", "warning")
_TARGETS = ("Target", "target.Target")
_SERIALIZED = "oslo.messaging serializer"
_DISPATCH = "oslo_messaging.rpc.dispatcher.RPCDispatcher._do_dispatch"


class Messaging(RuleBase):
    """Remote procedure calls of oslo.messaging.

    Args:
        objects: the rule that knows the versioned objects, which are what serializers are for.
    """

    def __init__(self, objects: VersionedObjects) -> None:
        super().__init__()
        self._objects = objects
        self._endpoints: dict[int, InstObj] = {}
        self._opened: set[int] = set()
        self._proxies: dict[int, dict[int, InstObj]] = {}
        self._sent: list[tuple[Framework, str, Call, int]] = []
        self._named = Groups()
        self._linked: set[tuple[int, int, int, str]] = set()
        self._methods: dict[str, None] = {}
        self._passed: list[tuple[InstObj, str, int, Call]] = []

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for package in ("oslo_messaging", "oslo.messaging"):
            engine.models |= {f"{package}.{name}": self._client for name in _CLIENTS}
            engine.models |= {f"{package}.{name}": self._server for name in _SERVERS}
            engine.models |= {f"{package}.{name}": self._target for name in _TARGETS}
            engine.models |= {f"{package}.{name}": self._notifier for name in _NOTIFIERS}

    def _target(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        names = ("exchange", "topic", "namespace", "version", "server", "fanout")
        made = self.make("target", call, {name: call.argument(at, name) for at, name in enumerate(names)})
        self.engine.add(call.dst, made.id)
        self.leads_out(call, "oslo_messaging.Target")
        return True

    def _client(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        slots = {
            "target": call.argument(1, "target"),
            "fanout": None,
            "serializer": call.argument(4, "serializer"),
        }
        made = self.make("client", call, slots)
        self.engine.add(call.dst, made.id)
        self.leads_out(call, "oslo_messaging.get_rpc_client")
        return True

    def _notifier(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "oslo_messaging.Notifier")
        made = self.make("notifier", call, {"serializer": call.argument(3, "serializer")})
        self.engine.add(call.dst, made.id)
        return True

    def _server(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        endpoints = call.argument(2, "endpoints")
        if endpoints is not None:
            self.engine.watch(endpoints, self._served)
            self.engine.watch(endpoints, self._asked_for_targets, call)
        return False

    def _asked_for_targets(self, numbers: list[int], call: Call) -> None:
        """A server reads ``target`` of every endpoint, which one that forwards looks up."""
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Container) and engine.once("targets asked", (value.id << 32) + call.op):
                engine.watch(value.everything, self._asked_for_targets, call)
            elif isinstance(value, InstObj) and not engine.defines(value.cls, "target"):
                name = engine.singleton(engine.text("target"))
                asking = call.with_args(((None, name),), engine.nowhere, "callback", "endpoint's target")
                engine.call_special(value, "__getattr__", asking)

    def _served(self, numbers: list[int]) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Container):
                if value.id not in self._opened:
                    self._opened.add(value.id)
                    self.engine.watch(value.everything, self._served)
            elif isinstance(value, InstObj):
                self._endpoints.setdefault(value.id, value)

    def _find_forwarding(self) -> None:
        """Which endpoints forward what they are asked to others, which they keep in an attribute."""
        engine = self.engine
        todo = list(self._endpoints.values())
        while todo:
            proxy = todo.pop()
            for above in engine.order(proxy.cls) if engine.defines(proxy.cls, "__getattr__") else ():
                for var in above.fields.values() if isinstance(above, ClassObj) else ():
                    for value in engine.held(var):
                        if isinstance(value, InstObj) and self._targets_of(value):
                            self._proxies.setdefault(value.id, {})[proxy.id] = proxy
                            if value.id not in self._endpoints:
                                self._endpoints[value.id] = value
                                todo.append(value)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``client.prepare(...)``, ``.cast(...)``, ``.call(...)``; ``notifier.info(...)`` and its like."""
        if "target" not in value.slots:
            self._notify(value, name, call)
        elif name == "prepare":
            slots = {**value.slots, "fanout": call.keyword("fanout")}
            slots.pop("namespace", None)
            made = self.make("client", call, slots)
            if call.keyword("namespace") is not None:
                made.slots.setdefault("namespace", call.keyword("namespace") or 0)
            self.engine.add(call.dst, made.id)
            self.leads_out(call, "oslo_messaging.RPCClient.prepare")
        elif name in ("cast", "call"):
            kind = "rpc-call" if name == "call" else "rpc-fanout" if self._is_fanout(value) else "rpc-cast"
            self._sent.append((value, kind, call, len(self._sent)))
            self._serialize(value, call.argument(0, "ctxt"), call, answered=name == "call")
            self.leads_out(call, f"oslo_messaging.RPCClient.{name}")
        elif name == "can_send_version":
            self.engine.add(call.dst, self.engine.plain("bool").id)
            self.leads_out(call, "oslo_messaging.RPCClient.can_send_version")

    def _notify(self, value: Framework, name: str, call: Call) -> None:
        if name == "prepare":
            self.engine.add(call.dst, self.make("notifier", call, {**value.slots}).id)
        if name == "prepare" or name in _PRIORITIES:
            self.leads_out(call, f"oslo_messaging.Notifier.{name}")
        if name in _PRIORITIES:
            self._serialize(value, call.argument(0, "ctxt"), call)

    def _notify_somehow(self) -> None:
        """``getattr(notifier, priority)`` with a priority that is not known: all of them do the same."""
        engine = self.engine
        for number in engine.grown(self._named, engine.unknown_names, lambda item: item[:2]):
            owner, name, dst, call = engine.unknown_names[number]
            if not self.texts(name):
                for value in engine.held(owner):
                    if isinstance(value, Framework) and value.rule is self and value.kind == "notifier":
                        engine.load(value, _PRIORITIES[0], dst, call)

    def _serialize(
        self, value: Framework, context: int | None, call: Call, *, answered: bool = False
    ) -> None:
        """What is sent goes through the serializer: the context, and each argument with the context; so does
        the answer to a call.

        Everything that is sent anywhere would meet in the serializer, so of the arguments it is only said
        that they may be versioned objects.
        """
        engine = self.engine
        context = engine.new_var() if context is None else context
        entity = engine.singleton(self._objects.anything())
        steps: list[tuple[str, tuple[int, ...]]] = [("serialize_context", (context,))]
        if any(keyword not in ("ctxt", "method") for keyword, _ in call.args[2:]):
            steps.append(("serialize_entity", (context, entity)))
        if answered:
            steps.append(("deserialize_entity", (context, engine.nowhere)))
        for name, args in steps:
            inner = call.with_args(
                tuple((None, var) for var in args), engine.nowhere, "callback", _SERIALIZED
            )
            engine.watch(value.slots["serializer"], self._call_own, name, inner)

    def _call_own(self, numbers: list[int], name: str, call: Call) -> None:
        for number in numbers:
            self.engine.call_special(self.engine.objects[number], name, call)

    def _is_fanout(self, value: Framework) -> bool:
        return bool(self.engine.held(value.slots["fanout"]))

    def settle(self, engine: Propagation) -> None:
        """Tie what was sent to endpoints."""
        self._meet_dispatcher()
        self._notify_somehow()
        self._find_forwarding()
        endpoints = sorted(self._endpoints.values(), key=lambda value: value.cls.code.id)
        endpoints = [value for value in endpoints if self._targets_of(value)]
        if not self._endpoints:
            endpoints = [
                engine.instance_of(cls)
                for cls in sorted(engine.classes, key=lambda cls: cls.code.id)
                if "target" in cls.namespace
            ]
        for client, kind, call, number in self._sent:
            method_var = call.argument(1, "method")
            for method in self.texts(method_var):
                self._methods[method] = None
                for endpoint in self._fitting(client, method, endpoints):
                    key = (number, endpoint.id, 0, method)
                    if key not in self._linked:
                        self._linked.add(key)
                        self._deliver(call, kind, endpoint, method)
        self._hand_over()

    def _hand_over(self) -> None:
        """What a proxy's closure calls, it calls for whoever sent that message, not for other senders.

        Proxies of one class stand for several endpoints, of which some have methods of the same name.
        """
        engine = self.engine
        called: dict[str, dict[str, list[str]]] = {}
        for proxy, method, found, call in self._passed:
            getters = engine.held(engine.class_attribute(proxy.cls, "__getattr__"))
            entered = [code for value in getters if (code := code_of(value)) is not None]
            inside = tuple(f"{code.id}.<locals>." for code in entered)
            meant = [code.id for value in engine.held(found) for code in engine.codes_behind(value)]
            for closure in [name for name in call.site.callees if name.startswith(inside)]:
                if closure not in called:
                    called[closure] = self._callees_by_name(closure)
                for callee in (*meant, *called[closure].get(method, ())):
                    engine.handed_over[Handover(closure, callee, call.inst.code.id, closure)] = None

    def _callees_by_name(self, function: str) -> dict[str, list[str]]:
        code = self.engine.code_named(function.replace(":", "."))
        found: dict[str, list[str]] = {}
        for site in code.sites.values() if code is not None else ():
            for callee in site.callees:
                found.setdefault(callee.rpartition(".")[2], []).append(callee)
        return found

    def _fitting(self, client: Framework, method: str, endpoints: list[InstObj]) -> list[InstObj]:
        wanted = [value for value in self.engine.held(client.slots["target"]) if isinstance(value, Framework)]
        if "namespace" in client.slots:
            namespaces = set(self.texts(client.slots["namespace"]))
        else:
            namespaces = {name for target in wanted for name in self._namespaces(target)}
        versions = {
            name.partition(".")[0] for target in wanted for name in self.texts(target.slots["version"])
        }
        found = []
        for endpoint in endpoints:
            if not self.engine.defines(endpoint.cls, method):
                continue
            for target in self._targets_of(endpoint):
                own = {name.partition(".")[0] for name in self.texts(target.slots["version"])}
                same_space = not namespaces or namespaces & set(self._namespaces(target))
                if same_space and (not own or not versions or own & versions) and endpoint not in found:
                    found.append(endpoint)
        return found

    def _namespaces(self, target: Framework) -> list[str]:
        return self.texts(target.slots["namespace"]) or [""]

    def _targets_of(self, endpoint: InstObj) -> list[Framework]:
        engine = self.engine
        held = engine.held(engine.class_attribute(endpoint.cls, "target"))
        held += engine.held(engine.field_of(endpoint.cls, "target"))
        return [value for value in held if isinstance(value, Framework) and value.kind == "target"]

    def _deliver(self, call: Call, kind: str, endpoint: InstObj, method: str) -> None:
        engine = self.engine
        context = call.argument(0, "ctxt")
        given = [arg for arg in call.args[1:] if arg[0] is not None and arg[0] not in ("method", "ctxt")]
        args = (*(((None, context),) if context is not None else ()), *given)
        dst = call.dst if kind == "rpc-call" else engine.new_var()
        found = engine.new_var()
        remote = call.with_args(args, dst, kind, "oslo.messaging endpoint")
        engine.load(endpoint, method, found, remote)
        engine.watch(found, engine.on_call, remote)
        proxies = self._proxies.get(endpoint.id, {}).values()
        for proxy in sorted(proxies, key=lambda value: value.cls.code.id):
            if not engine.defines(proxy.cls, method):
                self._forward(proxy, endpoint, method, remote)
                self._passed.append((proxy, method, found, remote))

    def _forward(self, proxy: InstObj, endpoint: InstObj, method: str, remote: Call) -> None:
        """The dispatcher asks the proxy of ``endpoint`` for the method, and calls what it gives."""
        engine = self.engine
        given = engine.new_var()
        asking = remote.with_args(((None, engine.singleton(engine.text(method))),), given)
        for value in engine.held(engine.class_attribute(proxy.cls, "__getattr__")):
            if isinstance(value, FuncObj):
                engine.enter(value, asking, (proxy,), context=("endpoint", method))
        engine.watch(given, self._call_given, endpoint, remote)

    def _call_given(self, numbers: list[int], endpoint: InstObj, call: Call) -> None:
        """Proxies of one class stand for several endpoints; methods of the others are not meant."""
        for number in numbers:
            value = self.engine.objects[number]
            if not isinstance(value, BoundObj) or value.owner is endpoint:
                self.engine.call_value(value, call)

    def _meet_dispatcher(self) -> None:
        """When the dispatcher itself was read: the names that reach it are those that clients send."""
        engine = self.engine
        code = engine.code_named(_DISPATCH)
        if code is not None and self._methods:
            names = engine.text_set(tuple(sorted(self._methods)))
            for instance in code.instances.values():
                engine.add(instance.base + code.by_name["method"], names.id)
