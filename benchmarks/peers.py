"""The tools one would reach for instead, on the same words and the same replies.

None of them judges what is said: they only find words. What is not installed is left out of the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from replylint.matcher import Matcher
from replylint.tokens import WordEdges

Search = Callable[[str], Any]


def peers(words: Sequence[str]) -> dict[str, tuple[Search, int]]:
    """By name a search for some words in a reply, and how many replies it is timed on (the slow ones on few)."""
    edges = WordEdges()
    patterns = [re.compile(re.escape(word)) for word in words]
    found: dict[str, tuple[Search, int]] = {
        "jieba.lcut": (edges.words, 1000),
        "the bare scan of the words": (Matcher(words).scan, 1000),
        "a substring loop": (lambda reply: [word for word in words if word in reply], 200),
        "`re`, one pattern after the other": (lambda reply: [p for p in patterns if p.search(reply)], 50),
        "`re`, one pattern of all": (re.compile("|".join(map(re.escape, words))).findall, 200),
    }
    if find_spec("daachorse"):
        from daachorse import CharwiseDoubleArrayAhoCorasick

        found["daachorse"] = (CharwiseDoubleArrayAhoCorasick(list(words)).find_overlapping, 1000)
    if find_spec("ahocorasick"):
        import ahocorasick

        automaton = ahocorasick.Automaton()
        for number, word in enumerate(words):
            automaton.add_word(word, number)
        automaton.make_automaton()
        found["pyahocorasick"] = (lambda reply: list(automaton.iter(reply)), 1000)
    if find_spec("presidio_analyzer"):
        from presidio_analyzer import PatternRecognizer

        recognizer = PatternRecognizer(supported_entity="RISK", deny_list=list(words), supported_language="zh")
        found["presidio-analyzer, the words as a recognizer"] = (
            lambda reply: recognizer.analyze(reply, ["RISK"], None),
            20,
        )
    return found
