"""Rules for frameworks: one module for each indirection that source alone does not show as a call."""

from __future__ import annotations

from tracer.reading.flow.propagation import Rule
from tracer.reading.links.standard_library import StandardLibrary


def all_rules(driver: str = "") -> list[Rule]:
    """Every rule, in the order in which they settle; ``driver`` narrows what may be loaded by name."""
    return [StandardLibrary()]
