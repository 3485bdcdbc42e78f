"""Collections that stay as they were saved: what would change them is not to be followed on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn


class UnfollowableError(Exception):
    """What was added would change what was found before: everything is to be followed again."""


def refuse(self: object, *args: Any, **keywords: Any) -> NoReturn:
    """In place of what would change ``self``.

    Raises:
        UnfollowableError: always.
    """
    raise UnfollowableError(f"a {type(self).__name__} would change")


class KeptDict(dict[Any, Any]):
    """A dict that stays as it was saved: what is put into it must be there already."""

    __delitem__ = pop = popitem = clear = __ior__ = refuse

    def __setitem__(self, key: Any, value: Any) -> None:
        if key not in self or self[key] != value:
            refuse(self)

    def update(self, *others: Any, **more: Any) -> None:
        for key, value in dict(*others, **more).items():
            self[key] = value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        if key not in self:
            refuse(self)
        return self[key]


class KeptList(list[Any]):
    """A list that stays as it was saved."""

    __setitem__ = __delitem__ = append = extend = insert = pop = remove = clear = sort = reverse = refuse
    __iadd__ = __imul__ = refuse


class KeptSet(set[Any]):
    """A set that stays as it was saved."""

    remove = discard = pop = clear = refuse
    __ior__ = __iand__ = __isub__ = __ixor__ = difference_update = intersection_update = refuse

    def add(self, value: Any) -> None:
        if value not in self:
            refuse(self)

    def update(self, *others: Any) -> None:
        for other in others:
            for value in other:
                self.add(value)


class Watchers(list[Any]):
    """Who was told of the items of a saved container: so many, but not known which any more."""

    def __init__(self, count: int) -> None:
        super().__init__([None] * count)
        self._saved = count

    def __iter__(self) -> Iterator[Any]:
        if self._saved:
            refuse(self)
        return super().__iter__()


def kept(value: Any) -> Any:
    """``value`` with every dict, list and set in it as one that cannot be changed."""
    kind = type(value)
    if kind is dict:
        return KeptDict((key, kept(held)) for key, held in value.items())
    if kind is list:
        return KeptList(map(kept, value))
    if kind is set:
        return KeptSet(value)
    if kind is tuple:
        return tuple(map(kept, value))
    return value
