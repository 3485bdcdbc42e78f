def standard():
    return "standard"


def special():
    return "special"


def use(strategy=standard):
    return strategy()


use()
use(special)
