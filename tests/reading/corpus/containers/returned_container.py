def one():
    return 1


def two():
    return 2


def pair():
    return {"first": one, "rest": [two]}


def run():
    made = pair()
    made["first"]()
    return made["rest"][0]()


run()
