def numbers():
    yield start()
    yield stop()


def start():
    return 1


def stop():
    return 2


def loop():
    for value in numbers():
        print(value)


def collect():
    return list(numbers())


loop()
collect()
