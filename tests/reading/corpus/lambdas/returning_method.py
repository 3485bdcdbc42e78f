class Box:
    def open(self):
        return 1


def opener(box):
    return lambda: box.open()


def method_of(box):
    return (lambda b: b.open)(box)


opener(Box())()
method_of(Box())()
