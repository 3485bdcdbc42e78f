def check(value):
    return value


def run(values):
    return any(check(value) for value in values), all(map(check, values))


def joined(values):
    return ",".join(str(check(value)) for value in values)


run([1, 2])
joined([1])
