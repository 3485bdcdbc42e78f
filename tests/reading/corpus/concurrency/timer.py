import threading


def ring(name):
    return sound(name)


def sound(name):
    return name


def set_alarm():
    timer = threading.Timer(0, ring, args=["a"])
    timer.start()
    timer.join()


set_alarm()
