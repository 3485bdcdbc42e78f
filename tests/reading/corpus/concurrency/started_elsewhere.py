import threading


def work():
    return 1


def make():
    return threading.Thread(target=work)


def start(thread):
    thread.start()
    thread.join()


start(make())
