"""The walkthrough's own texts: openings, exercises, glossary, words of the pages, in each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TypeVar

import msgspec

from tracer.model.notes import DEFAULT_LANGUAGE

LANGUAGES = ("en", "zh")
_T = TypeVar("_T")


class ChapterText(msgspec.Struct, frozen=True):
    """A chapter's title and the note it opens with (Markdown)."""

    title: str
    opening: str


class ChapterContent(msgspec.Struct, frozen=True):
    """A chapter; ``joins`` are chapters of notes that are part of it."""

    key: str
    en: ChapterText
    zh: ChapterText
    joins: list[str] = []

    def text(self, language: str) -> ChapterText:
        """In ``language``, else in English."""
        return self.zh if language == "zh" else self.en


class ExerciseText(msgspec.Struct, frozen=True):
    """Question, hint and answer; in the answer ``{value}`` stands for what the recording says."""

    question: str
    hint: str
    answer: str


class Exercise(msgspec.Struct, frozen=True):
    """A question that the recording answers.

    ``ask`` is a query with its arguments, ``holds`` what it must give for the answer to be right; without
    it any result will do that is not empty.
    """

    id: str
    chapter: str
    ask: list[str]
    en: ExerciseText
    zh: ExerciseText
    holds: str = ""

    def text(self, language: str) -> ExerciseText:
        """In ``language``, else in English."""
        return self.zh if language == "zh" else self.en


class Meaning(msgspec.Struct, frozen=True):
    """A term and what it means."""

    term: str
    meaning: str


class Term(msgspec.Struct, frozen=True):
    """An entry of the glossary."""

    en: Meaning
    zh: Meaning

    def text(self, language: str) -> Meaning:
        """In ``language``, else in English."""
        return self.zh if language == "zh" else self.en


class _Chapters(msgspec.Struct):
    chapter: list[ChapterContent]


class _Exercises(msgspec.Struct):
    exercise: list[Exercise]


class _Glossary(msgspec.Struct):
    term: list[Term]


class Content:
    """All texts that come with the program."""

    def __init__(self) -> None:
        self.chapters = {chapter.key: chapter for chapter in _read("chapters.toml", _Chapters).chapter}
        self.exercises = _read("exercises.toml", _Exercises).exercise
        self.glossary = _read("glossary.toml", _Glossary).term
        self.words = _read("words.toml", dict[str, dict[str, str]])
        self._joined = {joined: key for key, chapter in self.chapters.items() for joined in chapter.joins}

    def chapter_of(self, key: str) -> str:
        """The chapter that holds what a note's chapter ``key`` is about."""
        return self._joined.get(key, key)

    def ui(self, language: str) -> Mapping[str, str]:
        """The words of the pages by key."""
        return {key: texts.get(language, texts[DEFAULT_LANGUAGE]) for key, texts in self.words.items()}


@cache
def shipped() -> Content:
    """The texts, read once."""
    return Content()


def _read(name: str, kind: type[_T]) -> _T:
    text = resources.files(__package__).joinpath(name).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), kind)
