from stevedore import enabled


class First:
    def measure(self):
        return 1


class Second:
    def measure(self):
        return 2


def load(check):
    manager = enabled.EnabledExtensionManager(namespace="corpus.checked", check_func=check, invoke_on_load=True)
    return [loaded.obj for loaded in manager]
