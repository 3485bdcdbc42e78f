import threading


def work(name):
    return finish(name)


def finish(name):
    return name


def run():
    thread = threading.Thread(target=work, args=("a",))
    thread.start()
    thread.join()


run()
