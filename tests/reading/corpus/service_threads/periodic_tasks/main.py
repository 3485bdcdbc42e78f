# needs: oslo_service
from manager import Manager


def run():
    manager = Manager()
    return manager.periodic_tasks(None)


run()
