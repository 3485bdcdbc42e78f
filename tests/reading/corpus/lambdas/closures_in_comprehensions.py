def one():
    return 1


def two():
    return 2


def callers(functions):
    return [lambda function=function: function() for function in functions]


def table(rows):
    return {name: [part() for part in parts] for name, parts in rows.items()}


def run():
    for call in callers([one]):
        call()
    return table({"two": [two]})


run()
