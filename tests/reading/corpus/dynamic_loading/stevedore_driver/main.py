# needs: stevedore
from stevedore import driver


def open_backend(name):
    manager = driver.DriverManager("corpus.backends", name, invoke_on_load=True, invoke_args=(name,))
    return manager.driver


def run():
    return open_backend("files").read()


run()
