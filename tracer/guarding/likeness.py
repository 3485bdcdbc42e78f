"""How alike the texts of functions are, to recognise what was renamed or moved."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from tracer.reading.function_texts import FunctionText

_WORDS = re.compile(r"\w+|[^\w\s]")
_ALIKE = 0.5
_SMALL = 12
"""Functions of fewer words than this are alike by chance."""


def likeness(
    gone: Mapping[str, FunctionText], new: Mapping[str, FunctionText]
) -> dict[tuple[str, str], float]:
    """For pairs of an old and a new function whose texts are alike: how much, from 0.5 to 1."""
    before = {identity: _words(text.text) for identity, text in gone.items()}
    after = {identity: _words(text.text) for identity, text in new.items()}
    rare = _holders(after)
    found = {}
    for old, words in before.items():
        if words.total() < _SMALL:
            continue
        candidates: Counter[str] = Counter()
        for word in words:
            for candidate in rare.get(word, ()):
                candidates[candidate] += 1
        for candidate, _ in candidates.most_common(20):
            other = after[candidate]
            shared = (words & other).total()
            score = 2 * shared / (words.total() + other.total())
            if score >= _ALIKE:
                found[old, candidate] = score
    return found


def _words(text: str) -> Counter[str]:
    body = text.partition("(")[2]
    return Counter(_WORDS.findall(body))


def _holders(texts: Mapping[str, Counter[str]]) -> dict[str, Collection[str]]:
    """By word, who has it; without words that many have."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for identity, words in texts.items():
        for word in words:
            found[word].append(identity)
    most = max(8, len(texts) // 10)
    return {word: holders for word, holders in found.items() if len(holders) <= most}
