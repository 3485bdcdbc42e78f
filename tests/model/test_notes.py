"""Notes: what is a note, what is not, and where that is said to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.notes.samples import note, write_notes
from tracer.model.notes import (
    Anchor,
    MalformedNoteError,
    NotesError,
    Releases,
    package_version,
    parse_note,
    read_notes,
)

HOSTILE = "<script>alert(1)</script> & [x](javascript:alert(1)) {{ 7*7 }} </pre>"


def test_a_note_has_an_anchor_a_chapter_releases_and_its_texts() -> None:
    text = note("shop.till:Till.pay.<locals>.later", "en", "zh", more="chapter: till\nreleases: 3..5\n")
    read = parse_note(text, "pay.md")
    assert read.anchor == Anchor("shop.till:Till.pay.<locals>.later")
    assert (read.chapter, read.releases, list(read.texts)) == ("till", Releases(3, 5), ["en", "zh"])
    assert read.texts["en"].why == "So that it is done."


def test_an_edge_names_caller_and_callee() -> None:
    anchor = parse_note(note("shop:a -> shop.till:<module>"), "").anchor
    assert anchor == Anchor("shop.till:<module>", caller="shop:a")
    assert str(anchor) == "shop:a -> shop.till:<module>"


@pytest.mark.parametrize(
    ("what", "first"),
    [
        ("It calls `a.b` (see *there*). Then more.", "It calls a.b (see there)."),
        ("Version 2.1 is the\nlowest. Others follow.", "Version 2.1 is the lowest."),
        ("它在 `try` 中调用其余部分。然后返回。", "它在 try 中调用其余部分。"),
        ("No end", "No end"),
    ],
)
def test_the_first_sentence_is_plain_text(what: str, first: str) -> None:
    text = note("a:b").replace("A title does a thing. Then it does another.", what)
    assert parse_note(text, "").texts["en"].first_sentence == first


def test_hostile_text_stays_text() -> None:
    text = note("a:b", title=HOSTILE)
    assert parse_note(text, "").texts["en"].title == HOSTILE


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "header"),
        ("# en: Title\n", 1, "header"),
        ("---\nanchor: a:b", 1, "no end"),
        ("---\nchapter: x\n---\n", 3, "no anchor"),
        ("---\nanchor: a:b\nanchor: a:c\n---\n", 3, "twice"),
        ("---\nanchor: a:b\ncolour: red\n---\n", 3, "unknown key 'colour'"),
        ("---\nanchor\n---\n", 2, "key: value"),
        (note("nova/compute/manager.py:120"), 2, "not a function id"),
        (note("a.b.c"), 2, "not a function id"),
        (note("a:b -> c"), 2, "'c' is not a function id"),
        (note("a:b", more="releases: new\n"), 3, "range of releases"),
        (note("a:b", more="releases: ..\n"), 3, "range of releases"),
        (note("a:b", more="releases: 35..33\n"), 3, "ends before it begins"),
        (note("a:b", "en", "en"), 19, "comes twice"),
        ("---\nanchor: a:b\n---\n", 4, "no text"),
        ("---\nanchor: a:b\n---\nwords\n", 4, "before the first heading"),
        (note("a:b").replace("# en: A title", "# A title"), 5, "`# en: Title`"),
        (note("a:b").replace("## why", "## how"), 11, "not one of the headings"),
        (note("a:b").replace("## why", "## what"), 11, "comes twice"),
        (note("a:b").replace("## what\n", "words\n"), 7, "before the first section"),
        (note("a:b").replace("It would not be done.", ""), 5, "without is missing"),
        (note("a:b").replace("So that", "So \x1b[31mthat"), 13, "U+001B"),
        (note("a:b").replace("So that", "So \u202ethat"), 13, "U+202E"),
    ],
)
def test_what_is_not_a_note_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(MalformedNoteError, match=said.replace("(", r"\(").replace("+", r"\+")) as caught:
        parse_note(text, "")
    assert caught.value.line == line


def test_all_problems_of_a_folder_are_told_at_once(tmp_path: Path) -> None:
    write_notes(tmp_path, note("a:b"), note("a:b"), "nothing")
    (tmp_path / "3.md").write_bytes(b"---\nanchor: \xff:b\n---\n")
    (tmp_path / "4.md").write_text("x" * 70_000)
    with pytest.raises(NotesError) as caught:
        read_notes(tmp_path)
    told = sorted(problem.removeprefix(str(tmp_path)) for problem in caught.value.problems)
    assert [problem.split(" ", 1)[0] for problem in told] == ["/1.md:1:", "/2.md:1:", "/3.md:2:", "/4.md:1:"]
    assert "already has a note on a:b" in told[0]


def test_an_anchor_may_have_a_note_for_each_range_of_releases(tmp_path: Path) -> None:
    write_notes(tmp_path, note("a:b", more="releases: ..33\n"), note("a:b", more="releases: 34..\n"))
    notes = read_notes(tmp_path)
    assert [one.applies({"a": "33.1.0"}) for one in notes.notes] == [True, False]
    assert [one.applies({"a": "34.0.0"}) for one in notes.notes] == [False, True]
    assert all(one.applies({}) for one in notes.notes)


def test_a_folder_without_notes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotesError, match="no notes"):
        read_notes(tmp_path)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    write_notes(tmp_path, "\ufeff" + note("a:b", "en", "zh").replace("\n", "\r\n"))
    assert read_notes(tmp_path).notes[0].texts == parse_note(note("a:b", "en", "zh"), "").texts


def test_a_missing_language_falls_back_to_english() -> None:
    read = parse_note(note("a:b", "zh", "en"), "")
    assert read.text("fr") is read.texts["en"]
    assert parse_note(note("a:b", "zh"), "").text("fr").title == "A title"


def test_a_package_finds_its_version_under_its_distributions_name() -> None:
    versions = {"openstack_placement": "16.0.0", "python-glanceclient": "4.1", "oslo_messaging": "18.3"}
    assert package_version("placement.objects:f", versions) == "16.0.0"
    assert package_version("glanceclient.v2.images:f", versions) == "4.1"
    assert package_version("oslo_messaging:f", versions) == "18.3"
    assert package_version("nova:f", versions) == ""
