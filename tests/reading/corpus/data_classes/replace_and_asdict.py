import dataclasses


@dataclasses.dataclass
class Settings:
    action: object
    level: int = 0

    def __post_init__(self):
        self.level += 1


def act():
    return 1


changed = dataclasses.replace(Settings(act), level=2)
changed.action()
