from __future__ import annotations


class Engine:
    def start(self) -> bool:
        return self.check()

    def check(self) -> bool:
        return True


def run(engine: Engine) -> bool:
    return engine.start()


def make() -> Engine:
    return Engine()


run(make())
