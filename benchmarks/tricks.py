"""The mechanical disguises that evasion is measured with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

from replylint.linter import bundled_sounds
from replylint.model import Finding

_HOMOPHONES = {
    "微信": "薇信",
    "支付宝": "支付保",
    "银行卡": "银行咔",
    "收款码": "收款马",
    "转账": "转帐",
    "发票": "发piao",
    "公众号": "公主号",
}
_USUAL = 5
"""How many homophones of a character are tried: the first that a keyboard offers."""
_SYMBOLS = ("*", ".", " ", "-", "·")
_CONVERSIONS = {
    "traditional characters": "s2t",
    "traditional, Taiwan": "s2tw",
    "traditional, Hong Kong": "s2hk",
}

Converters = Mapping[str, Callable[[str], str]]


def converters() -> Converters:
    """Conversions into traditional characters by name; none without opencc, which only maintainers need."""
    try:
        import opencc
    except ImportError:
        return {}
    return {name: opencc.OpenCC(config).convert for name, config in _CONVERSIONS.items()}


def disguises(
    reply: str, findings: Sequence[Finding], number: int, traditional: Converters
) -> Iterator[tuple[str, str]]:
    """A reply under each disguise, by the disguise's name; only those that change something. `number` varies the
    symbol.
    """
    words = [finding for finding in findings if finding.end - finding.start > 1]
    if words:
        first, symbol = words[0], _SYMBOLS[number % len(_SYMBOLS)]
        middle = (first.start + first.end) // 2
        yield "a symbol inside", f"{reply[:middle]}{symbol}{reply[middle:]}"
        yield "a symbol between all", reply[: first.start] + symbol.join(first.text) + reply[first.end :]
        yield "an emoji inside", f"{reply[:middle]}😊{reply[middle:]}"
        yield from _by_sound(reply, first, number)
    changed = {"full width": "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in reply)}
    changed |= {name: convert(reply) for name, convert in traditional.items()}
    changed["homophones"] = reply
    for word, disguise in _HOMOPHONES.items():
        changed["homophones"] = changed["homophones"].replace(word, disguise)
    yield from ((name, disguised) for name, disguised in changed.items() if disguised != reply)


def _by_sound(reply: str, found: Finding, number: int) -> Iterator[tuple[str, str]]:
    """One character of the longest word that was found, as a homophone and in the letters of its reading."""
    import jieba

    jieba.setLogLevel(60)
    words = [word for word in jieba.tokenize(found.text) if len(word[0]) > 1 and set(word[0]) <= _readings().keys()]
    if not words:
        return
    _, start, end = max(words, key=lambda word: word[2] - word[1])
    at = found.start + start + number % (end - start)
    reading = _readings()[reply[at]][0]
    others = sorted(set(_read_so(reading)) - {reply[at]}, key=lambda char: (-jieba.dt.FREQ.get(char, 0), char))[:_USUAL]
    if others:
        yield "a homophone", f"{reply[:at]}{others[number % len(others)]}{reply[at + 1 :]}"
    yield "a character in pinyin", f"{reply[:at]}{reading}{reply[at + 1 :]}"


@cache
def _readings() -> Mapping[str, Sequence[str]]:
    return bundled_sounds().readings


@cache
def _read_so(reading: str) -> str:
    return "".join(char for char, readings in _readings().items() if readings[0] == reading)
