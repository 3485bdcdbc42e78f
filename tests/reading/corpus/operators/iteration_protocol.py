class Countdown:
    def __init__(self, start):
        self.start = start

    def __iter__(self):
        return Steps(self.start)


class Steps:
    def __init__(self, current):
        self.current = current

    def __next__(self):
        if self.current == 0:
            raise StopIteration
        self.current -= 1
        return self.current

    def __iter__(self):
        return self


def loop():
    for _ in Countdown(2):
        pass


def collect():
    return list(Countdown(2))


def unpack():
    first, second = Countdown(2)
    return first + second


loop()
collect()
unpack()
