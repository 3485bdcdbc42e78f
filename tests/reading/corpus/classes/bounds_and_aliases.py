# python: 3.12
import typing


class Sized(typing.Protocol):
    def size(self) -> int: ...


class Box:
    def __init__(self, content):
        self.content = content

    def size(self):
        return len(self.content)


class Crate(Box):
    def size(self):
        return doubled(super().size())


type Boxes = list[Box]
type Measured[T] = tuple[T, int]


def doubled(value):
    return value * 2


def largest[T: Sized](items: list[T]) -> T:
    return max(items, key=lambda item: item.size())


def measured[T: (Box, Crate)](item: T) -> Measured[T]:
    return item, item.size()


class Store[K, V: Sized]:
    def __init__(self) -> None:
        self._items: dict[K, V] = {}

    def put(self, key: K, value: V) -> None:
        self._items[key] = value

    def total(self) -> int:
        return sum(value.size() for value in self._items.values())


boxes: Boxes = [Box("a"), Crate("bc")]
largest(boxes)
measured(Crate("d"))
store = Store[str, Box]()
store.put("a", Box("e"))
store.total()
