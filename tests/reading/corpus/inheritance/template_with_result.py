# also: template_with_result:rolled_back.<locals>.wrap -> template_with_result:Task.rollback
import functools


def rolled_back(original):
    @functools.wraps(original)
    def wrap(self):
        try:
            return original(self)
        except ValueError:
            self.rollback()

    return wrap


class Task:
    @rolled_back
    def execute(self):
        return self.work()

    def rollback(self):
        return None


class Volume:
    def attach(self):
        return 1


class Port:
    def attach(self):
        return 2


class MakeVolume(Task):
    def work(self):
        return Volume()


class MakePort(Task):
    def work(self):
        return Port()


def volume():
    return MakeVolume().execute().attach()


def port():
    return MakePort().execute().attach()


volume()
port()
