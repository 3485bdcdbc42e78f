"""The notes that come along: complete in both languages, and made of what readers can use."""

from __future__ import annotations

import re

import pytest

from tracer.model.notes import Note, Notes
from tracer.notes.checking import Report, check_translations
from tracer.notes.shipped import load_notes

NOTES = load_notes()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CHAPTERS = [
    "client",
    "api",
    "conductor",
    "scheduler",
    "placement",
    "build",
    "compute",
    "network",
    "image",
    "libvirt",
    "finish",
]


def test_there_are_enough_for_every_chapter_of_the_way() -> None:
    assert len(NOTES.notes) >= 60
    assert {note.chapter for note in NOTES.notes} == set(CHAPTERS)
    first = [next(i for i, note in enumerate(NOTES.notes) if note.chapter == one) for one in CHAPTERS]
    assert first == sorted(first)


def test_all_are_in_both_languages() -> None:
    report = Report()
    check_translations(NOTES, report)
    assert NOTES.languages == ("en", "zh")
    assert not report.findings


@pytest.mark.parametrize("note", NOTES.notes, ids=lambda note: note.file)
def test_each_language_is_itself_and_says_the_same_names(note: Note) -> None:
    english, chinese = note.texts["en"], note.texts["zh"]
    for section in ("title", "what", "why", "without"):
        assert not CHINESE.search(getattr(english, section))
    for section in ("what", "why", "without"):
        assert CHINESE.search(getattr(chinese, section))
    assert _names(english.what) == _names(chinese.what)


def _names(text: str) -> set[str]:
    """What is quoted as code: it is not translated."""
    return set(re.findall(r"`([^`]+)`", " ".join(text.split())))


def test_nothing_in_them_is_html_or_a_link() -> None:
    for note in Notes(NOTES.notes).notes:
        for text in note.texts.values():
            prose = re.sub(r"`[^`]*`", "", " ".join((text.title, text.what, text.why, text.without)))
            assert not re.search(r"<|>|\]\(|https?:", prose), note.file
