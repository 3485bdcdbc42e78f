import functools
import typing


class Reader:
    @typing.overload
    def read(self, size: None = None) -> str: ...
    @typing.overload
    def read(self, size: int) -> bytes: ...
    def read(self, size=None):
        return self._read(size)

    def _read(self, size):
        return whole() if size is None else part(size)


class Special(Reader):
    @typing.final
    @typing.override
    def _read(self, size):
        return super()._read(size)


@typing.no_type_check
def whole():
    return ""


def part(size):
    return b""


@functools.cache
def opened(name):
    return Special()


@typing.runtime_checkable
class Closable(typing.Protocol):
    def close(self): ...


class Handle:
    def close(self):
        return True


def close_all(values):
    for value in values:
        if isinstance(value, Closable):
            value.close()


opened("a").read()
opened("a").read(3)
close_all([Handle(), 1])
