"""WSGI as webob and routes do it: applications returned or handed on, controllers found by route."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracer.reading.flow.objects import (
    BoundObj,
    Call,
    ClassObj,
    Container,
    External,
    Framework,
    FuncObj,
    InstObj,
    Obj,
    PartialObj,
    Text,
)
from tracer.reading.flow.propagation import Propagation
from tracer.reading.flow.scopes import CodeRef
from tracer.reading.links.base import RuleBase
from tracer.reading.lowering.facts import CALL, MODE_DECORATOR

VERBS = ("GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS")
_ROUTING = "wsgiorg.routing_args"
_RETURNED, _GIVEN, _BEHIND = "returned WSGI application", "WSGI application called", "routes middleware"
_REQUEST = "request made for a WSGI application"

_PAIR = frozenset((0, 1))
"""The keys of the items of a pair."""


class Web(RuleBase):
    """``wsgify`` methods, requests that call applications, route mappers and tables of routes."""

    def __init__(self) -> None:
        super().__init__()
        self._handlers: dict[int, tuple[FuncObj, int | None]] = {}
        self._served: set[int] = set()
        self._controllers = -1
        self._targets = -1
        self._actions: dict[str, None] = {}
        self._action_vars: list[int] = []
        self._containers: list[Container] = []
        self._looked_at = 0

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        self._controllers = engine.new_var()
        self._targets = engine.new_var()
        engine.models |= {
            "webob.dec.wsgify": self._wsgify,
            "routes.middleware.RoutesMiddleware": self._middleware,
            "routes.mapper.Mapper.connect": self._mapped,
        }
        engine.method_models |= {
            "get_response": self._get_response,
            "call_application": self._get_response,
            "connect": self._connect,
            "match": self._match,
            "pop": self._routing_item,
            "get": self._routing_item,
        }
        engine.external_items.append(self._item)
        engine.instance_models.append(self._wsgify_subclass)
        engine.at_end.append(self._make_requests)

    # Requests and applications

    def _wsgify(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "webob.dec.wsgify")
        func = call.positional(0)
        if func is None:
            made = self.make("wsgify", call, {"request": call.keyword("RequestClass")})
            self.engine.add(call.dst, made.id)
        else:
            self._handle(func, call, None)
        return True

    def _wsgify_subclass(self, cls: ClassObj, made: InstObj, call: Call) -> None:
        """A class of one's own that extends ``wsgify``, used as a decorator."""
        if call.mode == MODE_DECORATOR and any(
            isinstance(above, External) and above.dotted == "webob.dec.wsgify"
            for above in self.engine.order(cls)
        ):
            self._handle(call.args[0][1], call, None)

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """The decorator that ``wsgify(...)`` returned, or a middleware that was made."""
        func = call.positional(0)
        if value.kind == "wsgify" and func is not None:
            self._handle(func, call, value.slots["request"])
        elif value.kind == "middleware":
            engine.watch(value.slots["app"], engine.on_call, call.with_args((), rule=_BEHIND))

    def _handle(self, func: int, call: Call, request: int | None) -> None:
        self.engine.edge(func, call.dst)
        self.engine.watch(func, self._handles, request)

    def _handles(self, numbers: list[int], request: int | None) -> None:
        for function in self.functions(numbers):
            self._handlers[function.id] = (function, request)

    def settle(self, engine: Propagation) -> None:
        """Give handlers their requests and follow the applications they return."""
        for func, request in list(self._handlers.values()):
            for instance in list(func.code.instances.values()):
                if instance.id not in self._served and func.code.positional:
                    self._served.add(instance.id)
                    target = instance.base + func.code.positional[-1]
                    engine.add(target, engine.external("webob", "Request()").id)
                    if request is not None:
                        engine.watch(request, self._make_request, target)
                    site = engine.site(func.code, -1, func.code.code.line)
                    call = Call(instance, site, -1, (), engine.new_var(), 0, "call", _RETURNED)
                    engine.watch(instance.base, self._returned, call)
        self._tables()
        if self._actions and self._action_vars:
            names = engine.text_set(tuple(sorted(self._actions)))
            for var in self._action_vars:
                engine.add(var, names.id)

    def _make_request(self, numbers: list[int], target: int) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, ClassObj):
                self.engine.add(target, self.engine.instance_of(value).id)

    def _returned(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, (FuncObj, InstObj, BoundObj, Framework)):
                args: tuple[tuple[str | None, int], ...] = (
                    (None, self.engine.new_var()),
                    (None, self.engine.new_var()),
                )
                self.engine.call_value(value, call.with_args(args, self.engine.new_var()))

    def _get_response(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        app = call.positional(0)
        if app is None:
            return False
        self.leads_out(call, value.dotted)
        self.engine.add(call.dst, self.engine.external("webob", "Response()").id)
        inner = call.with_args((), self.engine.new_var(), "call", _GIVEN)
        self.engine.watch(app, self._returned, inner)
        return True

    def _make_requests(self) -> None:
        """Whoever calls a ``wsgify(RequestClass=...)`` method as an application has its request made."""
        engine = self.engine
        makers: dict[str, list[str]] = {}
        for handler, request in self._handlers.values():
            for cls in engine.held(request) if request is not None else ():
                if isinstance(cls, ClassObj):
                    made = engine.held(engine.class_attribute(cls, "__init__"))
                    codes = [code.id for value in made for code in engine.codes_behind(value)]
                    makers.setdefault(handler.code.id, []).extend(codes)
        engine.judged_at_end.update(makers)
        for code in engine.codes if makers else ():
            for number, site in code.sites.items():
                for callee, (_, rule, _) in list(site.callees.items()):
                    if callee in makers and _as_application(code, number, rule):
                        for init in makers[callee]:
                            engine.note(site, init, "callback", _REQUEST, sure=False)

    def _middleware(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "routes.middleware.RoutesMiddleware")
        self.engine.add(call.dst, self.make("middleware", call, {"app": call.argument(0, "wsgi_app")}).id)
        return True

    # Routes

    def _mapped(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``connect`` of a mapper whose own code was read."""
        return self._connect(None, call, bound)

    def _connect(self, value: External | None, call: Call, bound: tuple[Obj, ...]) -> bool:
        controller, action = call.keyword("controller"), call.keyword("action")
        if controller is not None:
            self.engine.edge(controller, self._controllers)
        if action is not None:
            self.engine.watch(action, self._route_actions)
            self.engine.edge(action, self._targets)
        for keyword, var in call.args:
            if keyword == "**":
                self.engine.watch(var, self._route_keywords)
        if value is None or (controller is None and action is None):
            return False
        self.leads_out(call, value.dotted)
        self.engine.add(call.dst, self.engine.result_of(value).id)
        return True

    def _route_keywords(self, numbers: list[int]) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Container):
                self.engine.edge(self.engine.field(value, "controller"), self._controllers)
                self.engine.watch(self.engine.field(value, "action"), self._route_actions)

    def _route_actions(self, numbers: list[int]) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Text):
                self._actions[value.value] = None

    def _item(self, value: External, key: str | int | None, dst: int) -> bool:
        if _ROUTING in value.qualname:
            if key == "controller":
                self.engine.edge(self._controllers, dst)
                return True
            if key == "action":
                self._action_vars.append(dst)
        return False

    def _routing_item(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        name = call.positional(0)
        if _ROUTING in value.qualname and name is not None and "action" in self.texts(name):
            self._action_vars.append(call.dst)
        return False

    def _match(self, value: External, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``mapper.match(...)``: the variables of the route that fits, among them its ``action``."""
        if not value.dotted.startswith("routes."):
            return False
        self.leads_out(call, value.dotted)
        found = self.engine.container("dict", ("matched route", call.inst.id, call.op))
        self.engine.watch(self._targets, self._callables, self.engine.field(found, "action"))
        self.engine.edge(self._controllers, self.engine.field(found, "controller"))
        self.engine.add(call.dst, found.id)
        return True

    def _callables(self, numbers: list[int], dst: int) -> None:
        for number in numbers:
            if isinstance(self.engine.objects[number], (FuncObj, BoundObj, InstObj)):
                self.engine.add(dst, number)

    # Tables of routes

    def _tables(self) -> None:
        engine = self.engine
        if not engine.once("route tables", len(engine.objects)):
            return
        new = engine.objects[self._looked_at :]
        self._looked_at += len(new)
        self._containers += [
            value for value in new if isinstance(value, Container) and value.kind in ("tuple", "dict")
        ]
        for value in self._containers:
            for path, methods in self._paths_in(value):
                self._methods(path, methods)

    def minds(self, values: Sequence[Obj], facts: Mapping[str, Sequence[Any]]) -> bool:
        """See `RuleBase.minds`."""
        return any(isinstance(value, Container) and any(self._paths_in(value)) for value in values)

    def _paths_in(self, value: Container) -> Iterator[tuple[str, Obj]]:
        """The paths that a table, or a row of one, names, with what stands beside them."""
        fields = value.fields
        if value.kind == "dict":
            for key in _paths_among(fields):
                for methods in self.engine.held(fields[key]):
                    yield key, methods
        elif value.kind == "tuple" and len(fields) == len(_PAIR) and fields.keys() == _PAIR:
            paths = self.texts(fields[0])
            if len(paths) == 1 and (paths[0].startswith("/") or not paths[0]):
                for methods in self.engine.held(fields[1]):
                    yield paths[0], methods

    def _methods(self, path: str, methods: Obj) -> None:
        if not isinstance(methods, Container) or methods.kind != "dict":
            return
        for verb in VERBS:
            if verb in methods.fields:
                for target in self.engine.held(methods.fields[verb]):
                    self._route(f"{verb} {path}", target)

    def _route(self, route: str, target: Obj) -> None:
        engine = self.engine
        if isinstance(target, FuncObj):
            engine.entries[target.code.id, f"route {route}"] = None
            engine.routes.setdefault(route, {})[target.id] = target
        elif isinstance(target, Container) and target.fields.keys() >= _PAIR:
            for action in self.texts(target.fields[1]):
                self._actions[action] = None
                for maker in engine.held(target.fields[0]):
                    for found in self._controller_methods(maker, action):
                        for code in engine.codes_behind(found):
                            engine.entries[code.id, f"route {route}"] = None
                        engine.routes.setdefault(route, {})[found.id] = found

    def _controller_methods(self, maker: Obj, action: str) -> list[Obj]:
        engine = self.engine
        classes = self._classes_in(maker)
        for cls in classes:
            if engine.defines(cls, action):
                return engine.held(engine.class_attribute(cls, action))
        return [
            value
            for cls in classes
            for name in sorted(cls.namespace)
            for value in engine.held(cls.namespace[name])
            if self._is_action(value)
        ]

    def _is_action(self, value: Obj) -> bool:
        """Whether a decorator left an attribute on the function that names it as somebody's action."""
        return any(
            field.endswith("action") and not self.engine.is_empty(var)
            for part in (value, *self.engine.originals_of(value))
            if isinstance(part, FuncObj)
            for field, var in part.fields.items()
        )

    def _classes_in(self, value: Obj) -> list[ClassObj]:
        engine = self.engine
        if isinstance(value, ClassObj):
            return [value]
        if isinstance(value, InstObj):
            return [value.cls]
        if isinstance(value, PartialObj):
            return [
                cls for _, var in value.args for held in engine.held(var) for cls in self._classes_in(held)
            ]
        if isinstance(value, Container):
            fields = [value.fields[key] for key in sorted(value.fields, key=str)]
            return [
                cls
                for var in (*fields, value.rest)
                for held in engine.held(var)
                for cls in self._classes_in(held)
            ]
        return []


def _as_application(code: CodeRef, number: int, rule: str) -> bool:
    """Whether something is called with an environment and a function that starts the response."""
    if rule in (_RETURNED, _GIVEN, _BEHIND):
        return True
    fact = code.code.ops[number] if rule == "flow" and 0 <= number < len(code.code.ops) else ()
    return bool(fact) and fact[0] == CALL and len(fact[3]) == len(_PAIR)


def _paths_among(keys: Iterable[str | int]) -> list[str]:
    return [key for key in keys if isinstance(key, str) and key.startswith("/")]
