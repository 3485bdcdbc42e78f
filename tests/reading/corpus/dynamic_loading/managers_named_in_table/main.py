# needs: oslo_utils
from service import Service


def run():
    service = Service("corpus-compute")
    return service.start() + service.describe()


run()
