def on_start():
    return 1


def on_stop():
    return 2


def fire(event):
    return globals()["on_" + event]()


fire("start")
fire("stop")
