# also: conditional_definition:answer -> conditional_definition:wrong
import sys

if sys.maxsize > 0:

    def answer():
        return right()

else:

    def answer():
        return wrong()


def right():
    return 1


def wrong():
    return 2


answer()
