def logged(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


class Tool:
    @staticmethod
    @logged
    def make():
        return 1

    @classmethod
    @logged
    def build(cls):
        return cls()

    @property
    @logged
    def name(self):
        return "tool"


Tool.make()
Tool.build().name
