"""Random programs that know their own call tree: the plan of one, what runs it, and the tree it must give.

A plan is a tree of nodes. `oracle_program` has one function per kind of node; they reach each other
through `run`
here, which is not recorded, so that unrecorded frames lie between recorded ones. `expected` works the tree
out from the
plan alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

KINDS = {
    "plain": 6,
    "recursive": 2,
    "decorated": 2,
    "anonymous": 2,
    "generating": 4,
    "delegating": 2,
    "managed": 3,
    "awaiting": 2,
    "threaded": 2,
    "pooled": 3,
    "timed": 1,
}


@dataclass
class Node:
    """One step of a plan.

    ``raises`` is how many callers an exception passes through before it is caught, None if there is none.
    ``amount`` is what
    the kind makes of it: depth of a recursion, number of elements taken from a generator.
    """

    kind: str
    children: list[Node] = field(default_factory=list)
    raises: int | None = None
    amount: int = 1


class PlannedError(Exception):
    """Raised where the plan says so; ``levels`` counts the callers it still has to pass through."""

    def __init__(self, levels: int) -> None:
        super().__init__("planned")
        self.levels = levels


@dataclass
class Tree:
    """A call as it must be, or was, recorded; calls on the same stack in order, spawned ones in none."""

    function: str
    outcome: str = "returned"
    activation: int = 0
    children: list[Tree] = field(default_factory=list)
    spawned: list[Tree] = field(default_factory=list)

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The tree as text, the same for equal trees."""
        yield f"{'  ' * depth}{self.function} {self.outcome} {self.activation}"
        for child in self.children:
            yield from child.lines(depth + 1)
        for text in sorted("\n".join(child.lines(depth + 2)) for child in self.spawned):
            yield f"{'  ' * (depth + 1)}spawned"
            yield text


SPAWNING = ("threaded", "pooled", "timed")


def make_plan(seed: int, size: int, *, spawning: bool = True) -> Node:
    """A random plan of about ``size`` nodes, with or without those that start threads."""
    source = random.Random(seed)
    kinds = [kind for kind in KINDS if spawning or kind not in SPAWNING]
    weights = [KINDS[kind] for kind in kinds]
    root = Node("plain")
    nodes = [root]
    while len(nodes) < size:
        parent = source.choice(nodes[-12:])
        node = Node(source.choices(kinds, weights)[0], amount=source.randint(1, 4))
        if source.random() < 0.15:
            node.raises = source.randint(0, 3)
        parent.children.append(node)
        nodes.append(node)
    return root


functions: dict[str, Callable[[Node], Any]] = {}
"""By kind; `oracle_program` fills it."""

started: list[Thread | Future[Any]] = []
"""What runs elsewhere and is waited for at the end."""


def run(node: Node) -> None:
    """Run ``node``, and catch its exception where the plan has it caught."""
    try:
        functions[node.kind](node)
    except PlannedError as error:
        if error.levels == 0:
            return
        error.levels -= 1
        raise


def run_detached(node: Node) -> None:
    """Run ``node`` at the bottom of a stack, where no exception goes further."""
    with suppress(PlannedError):
        functions[node.kind](node)


def run_all(nodes: list[Node]) -> None:
    """Run ``nodes`` in turn."""
    for node in nodes:
        run(node)


def fail_if_planned(node: Node) -> None:
    """Raise the exception of ``node``."""
    if node.raises is not None:
        raise PlannedError(node.raises)


def wait_for_all() -> None:
    """Wait for everything that was started, and for what that starts."""
    while started:
        item = started.pop()
        if isinstance(item, Thread):
            item.join()
        else:
            item.result()


class _Expected:
    """Simulates a plan: each method gives the trees of one kind and raises `PlannedError` where the
    program would."""

    def plain(self, node: Node, above: Tree) -> None:
        me = self._enter("plain", above)
        with _Ending(me):
            self._all(node.children, me)
            fail_if_planned(node)

    def recursive(self, node: Node, above: Tree) -> None:
        levels = []
        for _ in range(node.amount):
            above = self._enter("recursive", above)
            levels.append(above)
        try:
            self._all(node.children, above)
            fail_if_planned(node)
        except PlannedError:
            for level in levels:
                level.outcome = "raised"
            raise

    def decorated(self, node: Node, above: Tree) -> None:
        wrapper = self._enter("announced.<locals>.wrapper", above)
        with _Ending(wrapper):
            me = self._enter("decorated", wrapper)
            with _Ending(me):
                self._all(node.children, me)
                fail_if_planned(node)

    def anonymous(self, node: Node, above: Tree) -> None:
        me = self._enter("anonymous", above)
        with _Ending(me):
            inner = self._enter("anonymous.<locals>.<lambda>", me)
            with _Ending(inner):
                self._all(node.children, inner)
            fail_if_planned(node)

    def generating(self, node: Node, above: Tree) -> None:
        self._generating(node, above, delegated=False)

    def delegating(self, node: Node, above: Tree) -> None:
        self._generating(node, above, delegated=True)

    def _generating(self, node: Node, above: Tree, *, delegated: bool) -> None:
        me = self._enter("delegating" if delegated else "generating", above)
        with _Ending(me):
            for step in range(node.amount):
                caller = me if step % 2 == 0 else self._enter("pull", me)
                with _Ending(caller) if caller is not me else _Ending(Tree("")):
                    above_producer = caller
                    outer = None
                    if delegated:
                        outer = above_producer = self._enter("relay", caller, step)
                    producer = self._enter("produce", above_producer, step)
                    with _Ending(outer or Tree("")), _Ending(producer):
                        if step < len(node.children):
                            self._one(node.children[step], producer)
                            producer.outcome = "yielded"
                            if outer is not None:
                                outer.outcome = "yielded"
                    if step >= len(node.children):
                        break
            else:
                # Closing a generator closes the one it delegates to first, and from outside.
                self._enter("produce", me, node.amount).outcome = "raised"
                if delegated:
                    self._enter("relay", me, node.amount).outcome = "raised"
            fail_if_planned(node)

    def managed(self, node: Node, above: Tree) -> None:
        me = self._enter("managed", above)
        with _Ending(me):
            self._enter("scope", me).outcome = "yielded"
            try:
                self._all(node.children, me)
                fail_if_planned(node)
            except PlannedError:
                self._enter("scope", me, 1).outcome = "raised"
                raise
            self._enter("scope", me, 1)

    def awaiting(self, node: Node, above: Tree) -> None:
        me = self._enter("awaiting", above)
        with _Ending(me):
            for step in range(node.amount + 1):
                outer = self._enter("outer", me, step)
                inner = self._enter("inner", outer, step)
                if step < node.amount:
                    self._enter("Pause.__await__", inner).outcome = "yielded"
                    inner.outcome = outer.outcome = "yielded"
                    if step:
                        inner.children.insert(0, Tree("Pause.__await__", "returned", 1))
                else:
                    self._enter("Pause.__await__", inner, 1)
                    with _Ending(outer), _Ending(inner):
                        self._all(node.children, inner)
            fail_if_planned(node)

    def threaded(self, node: Node, above: Tree) -> None:
        self._spawning("threaded", node, above)

    def pooled(self, node: Node, above: Tree) -> None:
        self._spawning("pooled", node, above)

    def timed(self, node: Node, above: Tree) -> None:
        self._spawning("timed", node, above)

    def _spawning(self, kind: str, node: Node, above: Tree) -> None:
        me = self._enter(kind, above)
        with _Ending(me):
            for child in node.children:
                holder = Tree("")
                with suppress(PlannedError):
                    getattr(self, child.kind)(child, holder)
                me.spawned += holder.children
            fail_if_planned(node)

    def _all(self, nodes: list[Node], above: Tree) -> None:
        for node in nodes:
            self._one(node, above)

    def _one(self, node: Node, above: Tree) -> None:
        try:
            getattr(self, node.kind)(node, above)
        except PlannedError as error:
            if error.levels == 0:
                return
            error.levels -= 1
            raise

    @staticmethod
    def _enter(function: str, above: Tree, activation: int = 0) -> Tree:
        tree = Tree(function, activation=activation)
        above.children.append(tree)
        return tree


class _Ending:
    """Notes on a tree that an exception went through it."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if error is not None:
            self._tree.outcome = "raised"


def expected(plan: Node) -> Tree:
    """The tree that running ``plan`` as `oracle_program.root` must give."""
    root = Tree("root")
    with suppress(PlannedError):
        getattr(_Expected(), plan.kind)(plan, root)
    return root
