def find():
    return found


def found():
    return 1


def run():
    if (match := find()) is not None:
        return match()
    return None


def loop():
    return [made() for _ in range(1) if (made := find())]


run()
loop()
