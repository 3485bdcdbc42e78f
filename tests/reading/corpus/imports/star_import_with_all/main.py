from tools import *


def hidden():
    return "own"


shown()
hidden()
