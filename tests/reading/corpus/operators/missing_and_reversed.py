class Window:
    def __reversed__(self):
        return iter([2, 1])

    def __length_hint__(self):
        return 2

    def __iter__(self):
        return iter([1, 2])


def both():
    return list(reversed(Window())), list(Window())


both()
