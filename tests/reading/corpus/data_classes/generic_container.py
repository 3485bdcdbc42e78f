from typing import Generic, TypeVar

T = TypeVar("T")


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item

    def get(self) -> T:
        return self.item


class Apple:
    def eat(self):
        return 1


Box(Apple()).get().eat()
box: Box[Apple] = Box[Apple](Apple())
box.get().eat()
