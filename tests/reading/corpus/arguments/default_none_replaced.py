def standard():
    return "standard"


def special():
    return "special"


def use(strategy=None):
    strategy = strategy or standard
    return strategy()


def use_if(strategy=None):
    if strategy is None:
        strategy = standard
    return strategy()


use()
use(special)
use_if()
use_if(special)
