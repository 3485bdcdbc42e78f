"""What a followed-on propagation adds to: collections that were saved, and what was made since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tracer.reading.flow.objects import Obj
from tracer.reading.resuming.kept import UnfollowableError
from tracer.reading.resuming.state import State


class Objects:
    """All objects by number: the saved ones, and those made since."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.made: list[Obj] = []

    def __len__(self) -> int:
        return self._state.objects + len(self.made)

    def __getitem__(self, number: int) -> Obj:
        first = self._state.objects
        return self._state.entity(number) if number < first else self.made[number - first]

    def append(self, value: Obj) -> None:
        self.made.append(value)


class Table(dict[Any, Any]):
    """Objects by what they are known by: the saved ones, and those made since."""

    def __init__(self, saved: Mapping[Any, int], objects: Objects) -> None:
        super().__init__()
        self._saved, self._objects = saved, objects

    def get(self, key: Any, default: Any = None) -> Any:
        number = self._saved.get(key)
        return super().get(key, default) if number is None else self._objects[number]


class Consumed(set[int]):
    """Generators that something takes values from; of the saved ones no others than before."""

    def __init__(self, saved: Iterable[int], first: int) -> None:
        super().__init__(saved)
        self._first = first

    def add(self, number: int) -> None:
        if number < self._first and number not in self:
            raise UnfollowableError("a generator is used that nothing used")
        super().add(number)
