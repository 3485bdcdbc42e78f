# needs: stevedore
from monitors import load


def run():
    return [monitor.measure() for monitor in load()]


run()
