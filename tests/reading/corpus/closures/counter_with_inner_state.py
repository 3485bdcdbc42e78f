def counter(report):
    count = 0

    def increment():
        nonlocal count
        count += 1
        report(count)
        return count

    def reset():
        nonlocal count
        count = 0

    return increment, reset


def log(value):
    return value


increment, reset = counter(log)
increment()
reset()
