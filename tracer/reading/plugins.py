"""Rules of other packages: whatever is installed beside this program under the entry points of rules."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

from tracer.terminal.errors import UserError

if TYPE_CHECKING:
    from tracer.reading.flow.propagation import Rule

GROUP = "stackwalk.rules"


def installed_rules() -> list[Rule]:
    """One rule for each entry point of the group ``stackwalk.rules``, in order of their names.

    Raises:
        UserError: a plug-in cannot be loaded, or what it names is no rule.
    """
    rules = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        try:
            rule = point.load()()
        except Exception as error:
            raise UserError(
                f"the rule {point.name} ({point.value}) cannot be loaded: {type(error).__name__}: {error}",
                "Mend its package, or uninstall it.",
            ) from error
        if not (callable(getattr(rule, "install", None)) and callable(getattr(rule, "settle", None))):
            raise UserError(
                f"{point.value}, which the entry point {point.name} names, is no rule",
                "Name a class that extends tracer.reading.links.base.RuleBase.",
            )
        rules.append(cast("Rule", rule))
    return rules
