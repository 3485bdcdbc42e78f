# needs: oslo_utils
from drivers import load_driver


class Compute:
    def __init__(self):
        self.driver = load_driver()

    def boot(self):
        return self.driver.spawn("a")


Compute().boot()
