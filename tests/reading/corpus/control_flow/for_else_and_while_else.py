def match(item):
    return item == 2


def missing():
    return None


def search(items):
    for item in items:
        if match(item):
            break
    else:
        missing()


def wait(count):
    while tick(count):
        count -= 1
    else:
        missing()


def tick(count):
    return count > 0


search([1, 2])
search([1])
wait(1)
