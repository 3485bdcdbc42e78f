from typing import Protocol


class Closable(Protocol):
    def close(self) -> None: ...


class File:
    def close(self) -> None:
        self.flush()

    def flush(self) -> None:
        return None


def finish(item: Closable) -> None:
    item.close()


finish(File())
