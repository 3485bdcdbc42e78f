import dataclasses
from dataclasses import KW_ONLY, dataclass, field


def now():
    return 0


class Log:
    def write(self, text):
        return text


@dataclass(order=True, frozen=True)
class Version:
    major: int
    minor: int = 0

    def bump(self):
        return dataclasses.replace(self, minor=self.minor + 1)


@dataclass(slots=True)
class Release:
    version: Version
    _: KW_ONLY
    made_at: int = field(default_factory=now)
    log: Log = field(default_factory=Log, repr=False)
    notes: list = field(default_factory=list)

    def __post_init__(self):
        self.log.write("made")

    def newer(self, other):
        return self.version > other.version

    @property
    def title(self):
        return titled(self.version)


def titled(version):
    return version


first = Release(Version(1))
second = Release(Version(1).bump(), notes=["n"])
second.newer(first)
sorted([second.version, first.version])
first.title
