"""The recorded half of the oracle: one function per kind of node, and nothing that is not in the expected
tree."""

import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import wraps

import oracle_plan
from oracle_plan import fail_if_planned, functions, run, run_all, run_detached, started

pool = ThreadPoolExecutor(4)


def root(plan):
    run_detached(plan)


def plain(node):
    run_all(node.children)
    fail_if_planned(node)


def recursive(node, depth=1):
    if depth < node.amount:
        return recursive(node, depth + 1)
    run_all(node.children)
    return fail_if_planned(node)


def announced(function):
    @wraps(function)
    def wrapper(node):
        return function(node)

    return wrapper


@announced
def decorated(node):
    run_all(node.children)
    fail_if_planned(node)


def anonymous(node):
    (lambda: run_all(node.children))()
    fail_if_planned(node)


def produce(node):
    for child in node.children:
        run(child)
        try:
            yield child
        finally:
            pass


def relay(node):
    yield from produce(node)


def pull(producer):
    return next(producer, None)


def generating(node, make=produce):
    producer = make(node)
    for step in range(node.amount):
        if (next(producer, None) if step % 2 == 0 else pull(producer)) is None:
            break
    else:
        producer.close()
    fail_if_planned(node)


def delegating(node):
    producer = relay(node)
    for step in range(node.amount):
        if (next(producer, None) if step % 2 == 0 else pull(producer)) is None:
            break
    else:
        producer.close()
    fail_if_planned(node)


@contextmanager
def scope():
    yield


def managed(node):
    with scope():
        run_all(node.children)
        fail_if_planned(node)


class Pause:
    def __await__(self):
        yield "pause"


async def inner(node):
    for _ in range(node.amount):
        await Pause()
    run_all(node.children)


async def outer(node):
    await inner(node)


def awaiting(node):
    coroutine = outer(node)
    try:
        while True:
            coroutine.send(None)
    except StopIteration:
        pass
    fail_if_planned(node)


def threaded(node):
    for child in node.children:
        thread = threading.Thread(target=run_detached, args=(child,))
        thread.start()
        started.append(thread)
    fail_if_planned(node)


def pooled(node):
    for child in node.children:
        started.append(pool.submit(run_detached, child))
    fail_if_planned(node)


def timed(node):
    for child in node.children:
        timer = threading.Timer(0, run_detached, (child,))
        timer.start()
        started.append(timer)
    fail_if_planned(node)


functions.update({kind: globals()[kind] for kind in oracle_plan.KINDS})


SWITCH_INTERVALS = 0.00001, 0.0001, 0.001, 0.005
"""Seconds after which a thread has to let go of the interpreter, if others want it."""

REST = 0.0002
"""Seconds for which the noise lets go of the interpreter after each run. If it never did, each wait of
another thread on an idle machine of several processors would take a whole switch interval."""


class Noise(threading.Thread):
    """Runs the same functions outside of every trace, in the same process and executor."""

    def __init__(self, seed):
        super().__init__(daemon=True)
        self.plan = oracle_plan.make_plan(seed, 30, spawning=False)
        self.enough = threading.Event()

    def run(self):
        while not self.enough.is_set():
            run_detached(self.plan)
            time.sleep(REST)


def vary_switching(seed):
    """Have threads alternate more or less often, on all processors or on one: which switches come about
    depends on both."""
    source = random.Random(seed)
    sys.setswitchinterval(source.choice(SWITCH_INTERVALS))
    if source.random() < 0.5:
        os.sched_setaffinity(0, {source.choice(sorted(os.sched_getaffinity(0)))})


def main(first, count, size):
    probe = sys.modules["stackwalk_probe.session"]
    vary_switching(first)
    noise = Noise(first)
    noise.start()
    seeds = range(first, first + count)
    plans = [oracle_plan.make_plan(seed, size) for seed in seeds]
    roots = [
        threading.Thread(target=probe.run_as_root, args=(f"{seed:032x}", root, (plan,), {}))
        for seed, plan in zip(seeds, plans, strict=True)
    ]
    for thread in roots:
        thread.start()
    for thread in roots:
        thread.join()
    noise.enough.set()
    noise.join()
    oracle_plan.wait_for_all()


if __name__ == "__main__":
    # Under its own name, so that its functions' module is not __main__.
    import oracle_program

    oracle_program.main(*(int(argument) for argument in sys.argv[1:4]))
