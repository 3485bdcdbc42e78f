NOTIFIER = None


def init(kind):
    global NOTIFIER
    NOTIFIER = kind()


def get_notifier():
    return NOTIFIER
