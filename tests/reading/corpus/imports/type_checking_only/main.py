from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine import Engine


def run(engine: Engine):
    return engine.start()


def make():
    import engine

    return engine.Engine()


run(make())
