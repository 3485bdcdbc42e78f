"""The texts that come along: complete in both languages, and every exercise a question that can be asked."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from reports.markdown import blocks, plain
from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.content import Exercise, ExerciseText, shipped
from reports.walkthrough.exercises import exercise_data
from reports.walkthrough.plan import make_plan
from reports.walkthrough.queries import Queries
from tests.reports.flow.requests import EVENTS, boot_request
from tests.reports.samples import HOSTILE
from tests.reports.walkthrough.tours import note
from tracer.model.branches import Why
from tracer.model.hypervisor import Hypervisor
from tracer.model.notes import Notes
from tracer.model.overlaid import Cause
from tracer.notes.shipped import load_notes

CHINESE = re.compile("[\u4e00-\u9fff]")
SAME_IN_ALL = {
    "eventlet",
    "conductor",
    "libvirt",
    "Placement",
    "privsep",
    "QEMU",
    "RPC",
    "span",
    "VIF",
    "WSGI",
    "API",
}


def test_every_chapter_of_the_notes_has_an_opening() -> None:
    content = shipped()
    assert {content.chapter_of(note.chapter) for note in load_notes().notes} <= set(content.chapters)


def test_there_are_at_least_twenty_five_exercises_each_in_a_chapter() -> None:
    content = shipped()
    assert len(content.exercises) >= 25
    assert len({exercise.id for exercise in content.exercises}) == len(content.exercises)
    assert {exercise.chapter for exercise in content.exercises} == set(content.chapters)


def test_all_texts_are_there_in_english_and_chinese() -> None:
    content = shipped()
    english: list[str] = [text for words in content.words.values() for text in [words["en"]]]
    chinese: list[str] = [text for words in content.words.values() for text in [words["zh"]]]
    for chapter in content.chapters.values():
        english += [chapter.en.title, chapter.en.opening]
        chinese += [chapter.zh.opening]
    for exercise in content.exercises:
        english += [exercise.en.question, exercise.en.hint, exercise.en.answer]
        chinese += [exercise.zh.question, exercise.zh.hint, exercise.zh.answer]
    for term in content.glossary:
        english += [term.en.term, term.en.meaning]
        chinese += [term.zh.meaning]
    assert [text for text in english if not text.strip() or CHINESE.search(text)] == []
    words = [text for text in chinese if re.search("[a-z]", re.sub(r"{\w+}", "", text), re.IGNORECASE)]
    assert [text for text in words if not CHINESE.search(text)] == []
    assert all(CHINESE.search(term.zh.term) or term.zh.term in SAME_IN_ALL for term in content.glossary)


def test_words_fill_in_the_same_in_both_languages() -> None:
    for key, words in shipped().words.items():
        assert set(re.findall(r"{\w+}", words["en"])) == set(re.findall(r"{\w+}", words["zh"])), key


def test_every_word_that_a_script_asks_for_exists_and_none_is_idle() -> None:
    package = resources.files("reports.walkthrough")
    scripts = "".join(
        entry.read_text("utf-8")
        for entry in package.joinpath("assets").iterdir()
        if entry.name.endswith(".js")
    )
    scripts += resources.files("reports.assets").joinpath("source-view.js").read_text("utf-8")
    rest = package.joinpath("templates/index.html.j2").read_text("utf-8")
    rest += package.joinpath("renderer.py").read_text("utf-8") + package.joinpath("plan.py").read_text(
        "utf-8"
    )
    known = set(shipped().words)
    asked = set(re.findall(r'\bt\("([\w-]+)"', scripts)) | set(re.findall(r"words\.(\w+)", rest))
    assert asked <= known
    everywhere = scripts + rest + package.joinpath("tour.py").read_text("utf-8")
    computed = re.compile(
        "legend_|why_|cause_|kind_|possible_|call_|rule_|event_|detail_|figure_|exact|inferred|by-name|returned|raised|yielded|unfinished|what|why|without"
    )
    assert [
        key
        for key in known
        if f'"{key.removesuffix("_one")}"' not in everywhere
        and f".{key}" not in everywhere
        and not computed.match(key)
    ] == []


def test_every_reason_of_the_overlay_has_words() -> None:
    needed = {f"why_{why.value}" for why in Why} | {f"cause_{cause.value}" for cause in Cause}
    assert needed <= set(shipped().words)


def queries() -> Queries:
    hypervisor = Hypervisor(
        events=list(EVENTS),
        domain_xml="<domain/>",
        console="hello\nGUEST-IS-UP\n",
        connection={"write_answer": "forbidden"},
    )
    return Queries(CallIndex(boot_request()), hypervisor)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (["service", "app.driver:Driver.spawn"], "nova-compute"),
        (["times", "app.objects:Instance.save"], "4"),
        (["times", "no:where"], ""),
        (["messages", "nova-compute", "nova-conductor", "rpc-call"], "4"),
        (["messages", "*", "glance", "http", "/file"], "1"),
        (["link", "build_and_run"], "rpc-cast"),
        (["under", "app.conductor:Manager._select", "placement.handlers:list_candidates"], "yes"),
        (["under", "app.driver:Driver.spawn", "placement.handlers:list_candidates"], "no"),
        (["before", "app.conductor:Manager._select", "app.driver:Driver.spawn"], "yes"),
        (["outlives", "app.compute:Manager._locked_build.<locals>.work", "app.wsgi:Filter.__call__"], "yes"),
        (["same-thread", "app.driver:Driver.spawn", "app.network:API.allocate"], "no"),
        (["event", "started"], "booted"),
        (["connection", "write_answer"], "forbidden"),
        (["in-xml", "<domain"], "yes"),
        (["on-console", "IS-UP"], "GUEST-IS-UP"),
    ],
)
def test_a_recording_answers(query: list[str], answer: str) -> None:
    assert queries().answer(query) == answer


def test_a_question_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such query: why not"):
        queries().answer(["why", "not"])


def test_every_exercise_asks_what_can_be_asked() -> None:
    asked = queries()
    for exercise in shipped().exercises:
        asked.answer(exercise.ask)  # raises where there is no such query


def test_an_exercise_whose_answer_the_recording_denies_is_left_out() -> None:
    index = CallIndex(boot_request())
    plan = make_plan(
        index, Notes([note("scenarios.boot:main", "Ask", "client")]), Hypervisor(), shipped(), "en"
    )
    text = ExerciseText("How many?", "Count.", "{value}.")

    def exercise(name: str, holds: str) -> Exercise:
        return Exercise(name, "client", ["times", "app.objects:Instance.save"], text, text, holds)

    data = exercise_data(
        [exercise("right", "4"), exercise("any", ""), exercise("wrong", "5")], queries(), plan
    )
    shown = data["exercises"]
    assert isinstance(shown, list)
    assert [one["id"] for one in shown] == ["right", "any"]
    assert shown[0]["answer"] == [["p", [["t", "4."]]]]
    assert data["leftOut"] == 1


def test_markdown_becomes_pieces_and_never_markup() -> None:
    assert blocks("A *b* `c<d>` **e**\nf\n\n- one\n  more\n- two") == [
        [
            "p",
            [
                ["t", "A "],
                ["em", "b"],
                ["t", " "],
                ["code", "c<d>"],
                ["t", " "],
                ["strong", "e"],
                ["t", " f"],
            ],
        ],
        ["ul", [[["t", "one more"]], [["t", "two"]]]],
    ]
    assert blocks("第一行\n第二行") == [["p", [["t", "第一行第二行"]]]]
    assert "<script>" in plain(HOSTILE)
    assert "\x1b" not in plain(HOSTILE)
