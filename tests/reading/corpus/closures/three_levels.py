def level_one(a):
    def level_two(b):
        def level_three(c):
            return a() + b() + c()

        return level_three

    return level_two


def x():
    return 1


def y():
    return 2


def z():
    return 3


level_one(x)(y)(z)
