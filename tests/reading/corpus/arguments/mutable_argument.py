def fill(target):
    target.append(added)


def added():
    return 1


def use():
    collected = []
    fill(collected)
    for function in collected:
        function()


use()
