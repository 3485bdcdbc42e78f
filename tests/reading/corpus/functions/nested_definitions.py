def outer():
    def inner():
        def innermost():
            return helper()

        return innermost()

    return inner()


def helper():
    return 1


outer()
