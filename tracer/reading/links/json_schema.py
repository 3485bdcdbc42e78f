"""jsonschema: functions that check a keyword or a format, called while something is validated.

Which functions a validator calls, and with what: https://python-jsonschema.readthedocs.io/en/stable/creating/
and https://python-jsonschema.readthedocs.io/en/stable/validate/#validating-formats.
"""

from __future__ import annotations

from tracer.reading.flow.objects import Call, Container, Framework, Obj
from tracer.reading.flow.propagation import Propagation
from tracer.reading.links.base import RuleBase

_DRAFTS = ("3", "4", "6", "7", "201909", "202012")
_CHECKING = ("validate", "is_valid", "iter_errors", "descend", "evolve")


class JsonSchema(RuleBase):
    """Validator classes, extended or made; checkers of formats with their decorators."""

    def register(self, engine: Propagation) -> None:
        """See `RuleBase.register`."""
        for package in ("jsonschema", "jsonschema.validators"):
            engine.models |= {
                f"{package}.extend": self._extend,
                f"{package}.create": self._create,
                f"{package}.validate": self._validate,
                **{f"{package}.Draft{draft}Validator": self._plain for draft in _DRAFTS},
            }
        for module in ("jsonschema", "jsonschema._format"):
            engine.models[f"{module}.FormatChecker"] = self._checker

    def _checker(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "jsonschema.FormatChecker")
        self.engine.add(call.dst, self.make("checker", call, {"functions": None}).id)
        return True

    def _extend(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "jsonschema.validators.extend")
        made = self._validator_class(call)
        extended = call.argument(0, "validator")
        if extended is not None:
            self.engine.watch(extended, self._inherit, made)
        return True

    def _create(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "jsonschema.validators.create")
        self._validator_class(call)
        return True

    def _validator_class(self, call: Call) -> Framework:
        made = self.make("validator class", call, {"keywords": None, "checker": None})
        keywords = call.argument(1, "validators")
        if keywords is not None:
            self.engine.edge(keywords, made.slots["keywords"])
        self.engine.add(call.dst, made.id)
        return made

    def _inherit(self, numbers: list[int], made: Framework) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Framework) and value.kind == "validator class" and value is not made:
                self.engine.edge(value.slots["keywords"], made.slots["keywords"])

    def _plain(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        self.leads_out(call, "jsonschema.validators.Validator")
        self._validator(call, self.engine.new_var())
        return True

    def _validator(self, call: Call, keywords: int) -> Framework:
        made = self.make("validator", call, {"keywords": keywords, "checker": None})
        checker = call.keyword("format_checker")
        if checker is not None:
            self.engine.edge(checker, made.slots["checker"])
        self.engine.add(call.dst, made.id)
        return made

    def _validate(self, call: Call, bound: tuple[Obj, ...]) -> bool:
        """``jsonschema.validate(instance, schema, cls=..., format_checker=...)``."""
        self.leads_out(call, "jsonschema.validators.validate")
        made = self._validator(call.with_args(call.args, self.engine.new_var()), self.engine.new_var())
        cls = call.argument(2, "cls")
        if cls is not None:
            self.engine.watch(cls, self._inherit, made)
        self._check(made.slots, call)
        return True

    def call(self, engine: Propagation, value: Framework, call: Call) -> None:
        """A validator is made of its class; a decorator of a checker's is given its function."""
        if value.kind == "validator class":
            self.leads_out(call, "jsonschema.validators.Validator")
            self._validator(call, value.slots["keywords"])
        elif value.kind == "decorator":
            function = call.positional(0)
            if function is not None:
                engine.edge(function, value.slots["functions"])
                engine.edge(function, call.dst)
        else:
            super().call(engine, value, call)

    def call_method(self, value: Framework, name: str, call: Call) -> None:
        """``checker.checks(format)``; ``validator.validate(instance)`` and its like."""
        self.leads_out(call, f"jsonschema.{name}")
        if name in ("checks", "cls_checks") and "functions" in value.slots:
            made = self.make("decorator", call, {"functions": value.slots["functions"]})
            self.engine.add(call.dst, made.id)
        elif name in _CHECKING and "keywords" in value.slots:
            self._check(value.slots, call)

    def _check(self, slots: dict[str, int], call: Call) -> None:
        self.engine.watch(slots["keywords"], self._call_keywords, call)
        self.engine.watch(slots["checker"], self._call_formats, call)

    def _call_keywords(self, numbers: list[int], call: Call) -> None:
        """Each is called with the validator, the keyword's value, what is validated and the schema."""
        engine = self.engine
        for number in numbers:
            value = engine.objects[number]
            if isinstance(value, Container):
                args = tuple((None, engine.new_var()) for _ in range(4))
                engine.call_back(value.everything, args, engine.nowhere, call)

    def _call_formats(self, numbers: list[int], call: Call) -> None:
        for number in numbers:
            value = self.engine.objects[number]
            if isinstance(value, Framework) and value.kind == "checker":
                args = ((None, call.positional(0) or self.engine.new_var()),)
                self.engine.call_back(value.slots["functions"], args, self.engine.nowhere, call)
