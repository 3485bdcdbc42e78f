def one():
    return 1


def two():
    return 2


functions = [one, two]


def in_list():
    return [function() for function in functions]


def in_set():
    return {function() for function in functions}


def in_dict():
    table = {name: function for name, function in zip("ab", functions)}
    return table["a"]() + table["b"]()


def in_generator():
    return sum(function() for function in functions)


in_list()
in_set()
in_dict()
in_generator()
