"""REST clients: from ``client.get("/path")`` to the handler of that route in a service that was read as
well."""

from __future__ import annotations

import re

from tracer.reading.flow.calls import ExternalModel
from tracer.reading.flow.objects import Call, External, Obj, Text, TextPattern
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_PLACE = re.compile(r"\{[^}]*\}")


class Rest(RuleBase):
    """Requests of HTTP adapters by verb and path."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: list[tuple[str, int, Call]] = []
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
        for number, (verb, url, call) in enumerate(self._sent):
            for value in engine.held(url):
                if isinstance(value, Text | TextPattern):
                    for route in self._matching(verb, value):
                        if (number, route) not in self._linked:
                            self._linked.add((number, route))
                            for target in engine.routes[route].values():
                                inner = call.with_args(
                                    ((None, engine.new_var()),), engine.new_var(), "rest", f"REST {route}"
                                )
                                engine.call_value(target, inner)

    def _matching(self, verb: str, url: Text | TextPattern) -> list[str]:
        start = url.value if isinstance(url, Text) else url.prefix
        if not start.startswith("/"):
            return []
        key = (verb, url.id, len(self.engine.routes))
        found = self._found.get(key)
        if found is None:
            routes = (route.partition(" ") for route in sorted(self.engine.routes))
            found = [f"{verb} {path}" for on, _, path in routes if on == verb and path and _fits(path, url)]
            self._found[key] = found
        return found


def _fits(path: str, url: Text | TextPattern) -> bool:
    if isinstance(url, Text):
        plain = url.value.partition("?")[0]
        pattern = "".join(
            "[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", path)
        )
        return plain.startswith("/") and re.fullmatch(pattern, plain) is not None
    prefix, query, _ = url.prefix.partition("?")
    if not prefix.startswith("/") or len(prefix) < 2:
        return False
    if query:
        return _PLACE.sub("", path) == prefix
    literal = path.partition("{")[0]
    if not prefix.startswith(literal) or "{" not in path or literal in ("/", ""):
        return False
    return path.endswith(url.suffix) if url.suffix else path.endswith("}")
