"""Steps: the calls of a function as they are written, with those they depend on."""

from __future__ import annotations

import msgspec


class Step(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One call as it is written.

    ``name`` is the last name of what is called (``spawn`` of ``self.driver.spawn(...)``), with an ``@``
    before it for a decorator. ``line`` is the 1-based line of that name. ``after`` are the positions, among
    the steps of the same function, of earlier steps that hand something to this one: a value, or an object
    that both touch.
    """

    name: str
    line: int
    after: tuple[int, ...] = ()
