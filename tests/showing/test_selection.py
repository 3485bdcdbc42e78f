"""What is shown of a tree, checked against a plain recursive reading of the same wishes."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest

from tests.recording.requests import cut, random_request
from tracer.model.request_tree import RequestTree
from tracer.recording.stitching import Occasion, stitch
from tracer.showing.selection import Wanted, select


def expected(tree: RequestTree, wanted: Wanted) -> dict[int, int]:
    """Depth by id of each span to be shown, found span by span from its chain of ancestors."""
    kept = set()
    for span in tree.spans:
        if wanted.services and span.service not in wanted.services:
            continue
        if wanted.pattern and not (
            wanted.pattern.search(tree.function(span).id) or wanted.pattern.search(span.link_detail)
        ):
            continue
        kept.add(span.id)
        if wanted.pattern:
            kept.update(
                above.id
                for above in tree.ancestors(span)
                if not wanted.services or above.service in wanted.services
            )
    depths = {
        span.id: 1 + sum(above.id in kept for above in tree.ancestors(span))
        for span in tree.spans
        if span.id in kept
    }
    return {number: depth for number, depth in depths.items() if not wanted.depth or depth <= wanted.depth}


@pytest.mark.parametrize("seed", range(40))
def test_shows_what_was_asked_for_and_counts_the_rest(seed: int) -> None:
    chance = random.Random(seed)
    tree = stitch(cut(random_request(seed, 80)), Occasion("", "", "", {}))
    wanted = Wanted(
        services=chance.sample(tree.services, chance.randrange(len(tree.services))),
        depth=chance.choice([0, 0, 1, 3, 6]),
        pattern=chance.choice([None, re.compile(r"f\d?7$"), re.compile("to f1")]),
    )
    selection = select(tree, wanted)
    shown = expected(tree, wanted)
    assert {number: depth for number, depth in enumerate(selection.depth) if depth} == shown
    assert selection.shown == len(shown)
    assert selection.hidden == len(tree.spans) - len(shown)
    below = Counter(
        next((above.id for above in tree.ancestors(span) if above.id in shown), 0)
        for span in tree.spans
        if span.id not in shown
    )
    assert selection.below == below


def test_everything_is_shown_when_nothing_is_asked() -> None:
    tree = stitch(cut(random_request(1, 50)), Occasion("", "", "", {}))
    selection = select(tree, Wanted())
    assert (selection.shown, selection.hidden, selection.below) == (50, 0, {})
