def first():
    return 1


def second():
    return 2


chosen = first
chosen()


def later():
    picked = second
    return picked()


later()
