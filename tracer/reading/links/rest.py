"""REST clients: from ``client.get("/path")`` to the handler of that route in a service that was read as
well."""

from __future__ import annotations

import re

from tracer.reading.flow.calls import ExternalModel
from tracer.reading.flow.core import Groups
from tracer.reading.flow.objects import Call, External, Obj, Text, TextPattern
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_UNKNOWN = "\0"


class Rest(RuleBase):
    """Requests of HTTP adapters by verb and path."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: list[tuple[str, int, Call]] = []
        self._urls = Groups()
        self._known_routes = 0
        self._linked: set[tuple[int, str]] = set()
        self._found: dict[tuple[str, int, int], list[str]] = {}

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for verb in ("get", "put", "post", "delete", "patch"):
            previous = engine.method_models.get(verb)

            def model(
                value: External,
                call: Call,
                bound: tuple[Obj, ...],
                verb: str = verb,
                previous: ExternalModel | None = previous,
            ) -> bool:
                url = call.argument(0, "url")
                if url is not None:
                    self._sent.append((verb.upper(), url, call))
                return bool(previous and previous(value, call, bound))

            engine.method_models[verb] = model

    def settle(self, engine: Propagation) -> None:
        """Tie requests to routes."""
        if not engine.routes:
            return
        grown = engine.grown(self._urls, self._sent, lambda sent: (sent[1],))
        if len(engine.routes) != self._known_routes:
            self._known_routes = len(engine.routes)
            grown = list(range(len(self._sent)))
        for number in grown:
            verb, url, call = self._sent[number]
            for value in engine.held(url):
                if isinstance(value, (Text, TextPattern)):
                    for route in self._matching(verb, value):
                        if (number, route) not in self._linked:
                            self._linked.add((number, route))
                            self._link(route, call)

    def _link(self, route: str, call: Call) -> None:
        engine = self.engine
        own = call.inst.code.module.name.partition(".")[0]
        for target in engine.routes[route].values():
            handlers = engine.codes_behind(target)
            if any("." in code.module.name and code.module.name.startswith(own + ".") for code in handlers):
                continue  # a service does not ask itself
            inner = call.with_args(((None, engine.new_var()),), engine.new_var(), "rest", f"REST {route}")
            engine.call_value(target, inner)
            for code in handlers:
                engine.depends_on_caller(call.inst, code.id)

    def _matching(self, verb: str, url: Text | TextPattern) -> list[str]:
        sample = _sample(url)
        if not sample.startswith("/"):
            return []
        key = (verb, url.id, len(self.engine.routes))
        found = self._found.get(key)
        if found is None:
            routes = (route.partition(" ") for route in sorted(self.engine.routes))
            found = [
                f"{verb} {path}" for on, _, path in routes if on == verb and path and _fits(path, sample)
            ]
            self._found[key] = found
        return found


def _sample(url: Text | TextPattern) -> str:
    """A path as requests to ``url`` may have it, with a mark for everything that is not known."""
    if isinstance(url, Text):
        return url.value.partition("?")[0]
    path = _UNKNOWN.join((url.prefix, *url.between, url.suffix)).partition("?")[0]
    before, unknown, _ = path.rpartition(_UNKNOWN)
    return before if unknown and before and before[-1] != "/" and path.endswith(_UNKNOWN) else path


def _fits(path: str, sample: str) -> bool:
    parts = re.split(r"\{[^}]*\}", path)
    return re.fullmatch("[^/]+".join(map(re.escape, parts)), sample) is not None
