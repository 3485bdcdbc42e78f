from dataclasses import dataclass


@dataclass(frozen=True)
class Base:
    name: str

    def label(self):
        return self.kind()

    def kind(self):
        return "base"


@dataclass(frozen=True)
class Child(Base):
    size: int = 0

    def kind(self):
        return "child"


Child("a", 1).label()
