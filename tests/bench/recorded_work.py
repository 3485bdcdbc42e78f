"""The work that is timed with and without a recorder; runs in environments of the benchmark's own.

    python recorded_work.py TOOL ROUNDS SECONDS

Prints one JSON object: for each piece of work the seconds of CPU that the working thread took, without the
tool and with it, the least of all rounds. Thread time, because the machine may be busy with other things;
rounds with and without alternate. With the tool ``calls`` it prints how many calls of Python functions each
piece of work makes in a millisecond, resumed generators among them.

The dense work does little else than call; the ordinary work is what the same libraries are used for.
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


PAGE = """<!doctype html>
<html><head><title>{{ site.name|e }}: {{ articles|length }} articles</title></head><body>
<h1>{{ site.name|upper }}</h1>
{% for article in articles %}<article id="a{{ article.id }}">
<h2><a href="/articles/{{ article.id }}">{{ article.title|title }}</a></h2>
<p>{{ article.author|default("nobody", true) }}
{% if article.tags %}in {{ article.tags|join(", ") }}{% endif %}</p>
<p>{{ article.text|truncate(200) }}</p>
<pre>{{ article.text }}</pre>
</article>
{% endfor %}<footer>{{ site.footer }}</footer></body></html>"""


def page_work():
    """A page of articles, escaped."""
    import jinja2

    template = jinja2.Environment(autoescape=True).from_string(PAGE)
    text = 'A line of <text> as people write it, with "quotes" & all that.\n' * 40
    articles = [
        {
            "id": number,
            "title": f"about matter {number}",
            "author": "" if number % 3 else "Somebody",
            "tags": ["one", "two"][: number % 3],
            "text": f"{number} {text}",
        }
        for number in range(60)
    ]
    return lambda: template.render(site={"name": "A site", "footer": "The end"}, articles=articles)


def rewrite_work():
    """A module read and written again, as tools that change code do."""
    import argparse

    source = Path(argparse.__file__).read_text()
    return lambda: ast.unparse(ast.parse(source))


def graph_work():
    """What is usually asked of a network of a thousand nodes."""
    import networkx

    graph = networkx.gnm_random_graph(1000, 6000, seed=1)
    for one, other in graph.edges:
        graph[one][other]["weight"] = one * other % 17 + 1

    def work():
        list(networkx.connected_components(graph))
        networkx.single_source_shortest_path_length(graph, 0)
        networkx.single_source_dijkstra(graph, 0)
        networkx.betweenness_centrality(graph, k=10, seed=1)
        networkx.clustering(graph)

    return work


CHOSEN = {"__main__", "jinja2", "markupsafe", "networkx", "ast", "contextlib", "enum", "functools", "re"}
"""Top-level modules whose code is recorded."""

DENSE = {
    "fib": fib_work,
    "methods": methods_work,
    "jinja2": jinja2_work,
    "ast.unparse": unparse_work,
    "networkx": networkx_work,
}
ORDINARY = {"a page": page_work, "a module": rewrite_work, "a graph": graph_work}
WORK = DENSE | ORDINARY


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
    session._session._traces.stop_collecting()
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


def callbacks(work, times, begin, end):
    """Callbacks in Python on all of the work's own code and nothing else: what no recorder in Python can go
    below."""
    monitoring = sys.monitoring
    tool, events = monitoring.PROFILER_ID, monitoring.events
    codes = {}

    def meet(code, offset):
        if sys._getframe(1).f_globals.get("__name__", "").partition(".")[0] in CHOSEN:
            codes[id(code)] = code
        return monitoring.DISABLE

    monitoring.use_tool_id(tool, "callbacks")
    monitoring.restart_events()
    monitoring.register_callback(tool, events.PY_START, meet)
    monitoring.set_events(tool, events.PY_START)
    work()
    monitoring.set_events(tool, 0)
    for event, callback in {"START": begin, "RESUME": begin, "RETURN": end, "YIELD": end}.items():
        monitoring.register_callback(tool, getattr(events, f"PY_{event}"), callback)
    listened = events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD
    for code in codes.values():
        monitoring.set_local_events(tool, code, listened)
    monitoring.restart_events()
    taken = timed(work, times)
    for code in codes.values():
        monitoring.set_local_events(tool, code, 0)
    monitoring.free_tool_id(tool)
    return taken


def empty_callbacks(work, times):
    """Do nothing."""
    return callbacks(work, times, lambda code, offset: None, lambda code, offset, value: None)


def noting_callbacks(work, times):
    """Read the clock and append, whichever thread and context that may be in, and from which line."""
    noted = []

    def begin(code, offset):
        noted.append(code)
        noted.append(time.monotonic_ns())

    def end(code, offset, value):
        noted.append(time.monotonic_ns())

    return callbacks(work, times, begin, end)


TOOLS = {
    "none": timed,
    "stackwalk": stackwalk,
    "elsewhere": stackwalk_elsewhere,
    "viztracer": viztracer,
    "viztracer-python": lambda work, times: viztracer(work, times, ignore_c_function=True),
    "cprofile": cprofile,
    "empty-callbacks": empty_callbacks,
    "noting-callbacks": noting_callbacks,
}


def calls_per_ms(work):
    """Calls of Python functions, and of generators that go on."""
    monitoring = sys.monitoring
    counted = 0

    def count(code, offset):
        nonlocal counted
        counted += 1

    seconds = min(timed(work, 3) for _ in range(3))
    monitoring.use_tool_id(monitoring.PROFILER_ID, "calls")
    for event in (monitoring.events.PY_START, monitoring.events.PY_RESUME):
        monitoring.register_callback(monitoring.PROFILER_ID, event, count)
    monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.PY_START | monitoring.events.PY_RESUME)
    work()
    monitoring.set_events(monitoring.PROFILER_ID, 0)
    monitoring.free_tool_id(monitoring.PROFILER_ID)
    return counted / seconds / 1000


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
        if tool == "calls":
            found[name] = calls_per_ms(work)
            continue
        times = max(1, int(seconds / timed(work, 3)))
        pairs = [(timed(work, times), TOOLS[tool](work, times)) for _ in range(rounds)]
        found[name] = {"without": min(pair[0] for pair in pairs), "with": min(pair[1] for pair in pairs)}
    found["peak_kib"] = peak_kib()
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
