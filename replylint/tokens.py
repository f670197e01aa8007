"""jieba, with care: private, lazy, and only ever a second opinion.

A token can veto a character match whose edge falls inside a longer dictionary word (微信 in 细微/信息); it never
finds anything by itself,
since it cuts 亲开不了发票 into 亲开/不了/发票. Its import installs a log handler and its shared cache file is trusted
unchecked, so the
tokenizer here is our own instance with its own cache directory, loaded when the first match asks for it.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from replylint.cachedir import cache_home

_REACH = 8
"""Characters on each side of a match that are tokenised; words are shorter than that."""


class WordEdges:
    """Answers whether a span cuts a dictionary word; loads its dictionary on first use, once, under a lock."""

    def __init__(self, domain_words: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        self._domain_words = tuple(domain_words)
        self._cache_dir = cache_dir
        self._tokenizer: Any = None
        self._lock = threading.Lock()

    def __getstate__(self) -> tuple[tuple[str, ...], Path | None]:
        return self._domain_words, self._cache_dir

    def __setstate__(self, state: tuple[tuple[str, ...], Path | None]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def warm_up(self) -> None:
        """Loads the dictionary now (about half a second) instead of at the first match that asks."""
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _load(self._domain_words, self._cache_dir)

    def words(self, text: str) -> list[tuple[int, int]]:
        """The spans of the words of a text, without guessing at unknown ones."""
        self.warm_up()
        return [(start, end) for _, start, end in self._tokenizer.tokenize(text, HMM=False)]

    def cuts_a_word(self, text: str, start: int, end: int) -> bool:
        """True when a dictionary word reaches across one edge of the span."""
        first = max(0, start - _REACH)
        spans = self.words(text[first : end + _REACH])
        return any((low + first < start < high + first) or (low + first < end < high + first) for low, high in spans)


def _load(domain_words: Iterable[str], cache_dir: Path | None) -> Any:
    with warnings.catch_warnings():
        # Newer Pythons warn on the escapes in its source; a user's `-W error` must not break on them.
        warnings.simplefilter("ignore")
        import jieba

    import logging

    logger = logging.getLogger("jieba")
    logger.handlers.clear()
    logger.propagate = False
    logger.setLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    directory = cache_dir or cache_home()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    tokenizer.tmp_dir = str(directory)
    tokenizer.cache_file = "jieba.cache"
    tokenizer.initialize()
    for word in domain_words:
        tokenizer.add_word(word)
    return tokenizer
