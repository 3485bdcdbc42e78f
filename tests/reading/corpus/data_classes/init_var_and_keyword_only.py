from dataclasses import InitVar, dataclass, field


def fresh():
    return []


def checked(value):
    return value


@dataclass(kw_only=True)
class Job:
    run: object
    source: InitVar[object] = None
    log: list = field(default_factory=fresh)

    def __post_init__(self, source):
        self.text = checked(source())

    def start(self):
        return self.run(self.text)


def text():
    return "a"


def work(given):
    return given


Job(run=work, source=text).start()
