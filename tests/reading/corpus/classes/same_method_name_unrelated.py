class File:
    def close(self):
        return self.flush()

    def flush(self):
        return 1


class Window:
    def close(self):
        return self.hide()

    def hide(self):
        return 2


def first():
    return File().close()


def second():
    window = Window()
    return window.close()


first()
second()
