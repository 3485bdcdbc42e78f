# needs: eventlet
import eventlet


def work(value):
    return step(value)


def step(value):
    return value


def run():
    thread = eventlet.spawn(work, 1)
    return thread.wait()


def pooled():
    pool = eventlet.GreenPool(2)
    pool.spawn(work, 2).wait()
    return list(pool.imap(step, [3, 4]))


run()
pooled()
