from dataclasses import dataclass, field


def fresh():
    return []


class Log:
    def __init__(self):
        self.lines = []

    def add(self, line):
        self.lines.append(line)


@dataclass
class Job:
    items: list = field(default_factory=fresh)
    log: Log = field(default_factory=Log)

    def run(self):
        self.log.add("x")


Job().run()
