"""The work that is timed with and without a recorder; runs in environments of the benchmark's own.

    python recorded_work.py TOOL ROUNDS SECONDS

Prints one JSON object: for each piece of work the seconds of CPU that the working thread took, without the
tool and with it, the least of all rounds. Thread time, because the machine may be busy with other things;
rounds with and without alternate.
"""

import ast
import json
import sys
import time
from pathlib import Path

TEMPLATE = """<table>{% for item in items %}<tr class="{{ loop.cycle('odd', 'even') }}">
{% for value in item %}<td>{{ value }}</td>{% endfor %}</tr>{% endfor %}</table>
<ul>{% for name in names|sort %}<li>{{ loop.index }}: {{ name|title }}</li>{% endfor %}</ul>"""


def fib_work():
    def fib(number):
        return number if number < 2 else fib(number - 1) + fib(number - 2)

    return lambda: fib(19)


class Account:
    def __init__(self):
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount
        return self.balance


def methods_work():
    account = Account()

    def work():
        for amount in range(20_000):
            account.deposit(amount)

    return work


def jinja2_work():
    import jinja2

    template = jinja2.Environment().from_string(TEMPLATE)
    items = [[f"cell {row} {column}" for column in range(12)] for row in range(300)]
    names = [f"name {number * 7919 % 100}" for number in range(60)]
    return lambda: template.render(items=items, names=names)


def unparse_work():
    import argparse

    tree = ast.parse(Path(argparse.__file__).read_text())
    return lambda: ast.unparse(tree)


def networkx_work():
    import networkx

    graph = networkx.gnm_random_graph(120, 500, seed=1)

    def work():
        networkx.betweenness_centrality(graph, k=30, seed=1)
        networkx.connected_components(graph)
        networkx.minimum_spanning_tree(graph)
        networkx.average_clustering(graph)
        networkx.single_source_dijkstra(graph, 0)

    return work


WORK = {
    "fib": fib_work,
    "methods": methods_work,
    "jinja2": jinja2_work,
    "ast.unparse": unparse_work,
    "networkx": networkx_work,
}


def elsewhere(function):
    """The one function that is chosen where what is timed is not."""
    function()


def timed(work, times):
    """Seconds of this thread's CPU for one ``work``."""
    started = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - started) / times


def stackwalk(work, times):
    """The probe, whose settings are in the environment."""
    session = sys.modules["stackwalk_probe.session"]
    taken = []
    session.run_as_root(f"{time.monotonic_ns():032x}", lambda: taken.append(timed(work, times)), (), {})
    # Not waiting until the probe does so by itself.
    session._session._collecting = False
    session._session._collector.stop()
    return taken[0]


def stackwalk_elsewhere(work, times):
    """The probe, with nothing of what is timed chosen."""
    return stackwalk(lambda: elsewhere(work), times)


def viztracer(work, times, **options):
    """VizTracer, with room for all calls."""
    from viztracer import VizTracer

    tracer = VizTracer(tracer_entries=4_000_000, verbose=0, **options)
    tracer.start()
    try:
        return timed(work, times)
    finally:
        tracer.stop()
        tracer.clear()


def cprofile(work, times):
    """The standard library's profiler."""
    import cProfile

    profiler = cProfile.Profile()
    profiler.enable()
    try:
        return timed(work, times)
    finally:
        profiler.disable()


TOOLS = {
    "none": timed,
    "stackwalk": stackwalk,
    "elsewhere": stackwalk_elsewhere,
    "viztracer": viztracer,
    "viztracer-python": lambda work, times: viztracer(work, times, ignore_c_function=True),
    "cprofile": cprofile,
}


def peak_kib():
    """The most memory this process has had; what `resource` tells may be of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def main(tool, rounds, seconds):
    """Time everything, each for about so many seconds, and print it."""
    found = {}
    for name, make in WORK.items():
        work = make()
        work()
        times = max(1, int(seconds / timed(work, 3)))
        pairs = [(timed(work, times), TOOLS[tool](work, times)) for _ in range(rounds)]
        found[name] = {"without": min(pair[0] for pair in pairs), "with": min(pair[1] for pair in pairs)}
    found["peak_kib"] = peak_kib()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
