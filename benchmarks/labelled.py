"""Labelled replies that are no part of the packs: a catalogue of rules, a set of hard cases, real chat logs.

catalogue  YAML with `rules`, each with `bad`, `good`, `context_bad`, `context_good`
devset     JSONL of labelled replies (`buyer`, `reply`, `packs`) and of dialogues (`turns`)
chatlogs   JSONL of real replies without labels (`reply`, `history`)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from replylint.model import Turn
from replylint.scene import SOME_MOMENT, Moment

_NOTE = re.compile(r"[(（]([^()（）]*)[)）]\s*")
_ASKED_AT = "2026-11-02T10:00:00"
# What a note in parentheses says of the moment; the words themselves are no message.
_OPENS = ("首条", "first reply")
_PAID = ("付款后", "成交后仅")
_ANSWERED_AT = {"等待40分钟": "2026-11-02T10:40:00", "隔天": "2026-11-03T10:00:00"}


class Case(NamedTuple):
    """A labelled reply: `packs` is empty when it is fine.

    own    the pack whose rule the sentence was written for, empty where a sentence is about no rule in particular
    hints  whether a finding of severity info counts, its rule being no more than a hint
    """

    id: str
    reply: str
    history: tuple[Turn, ...] = ()
    meta: dict[str, str] = {}  # noqa: RUF012
    packs: frozenset[str] = frozenset()
    note: str = ""
    moment: Moment = SOME_MOMENT
    own: str = ""
    hints: bool = False


def catalogue_cases(path: Path, packs: Iterable[str] = ()) -> Iterator[Case]:
    """The catalogue's sentences; `context_*` pairs with the buyer's turn. A sentence that only describes a scene in
    parentheses is left out, unless the scene can be set.
    """
    chosen = set(packs)
    for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
        pack = rule["id"].split("/")[0]
        if chosen and pack not in chosen:
            continue
        scenic = {"meta", "conversation"} & set(rule["detect"]) or pack in ("dispute", "etiquette")
        for kind in ("bad", "good", "context_bad", "context_good"):
            for number, item in enumerate(rule.get(kind) or ()):
                case = Case(
                    f"{rule['id']}.{kind}.{number}",
                    item if isinstance(item, str) else item["reply"],
                    packs=frozenset((pack, "dispute")) if kind.endswith("bad") else frozenset(),
                    own=pack,
                    hints=rule["severity"] == "info",
                )
                if isinstance(item, str):
                    if rule["detect"] == ["context"]:
                        continue
                    begins = _NOTE.match(item) if scenic else None
                    placed = _placed(case._replace(reply=item[begins.end() :]), "", begins[1]) if begins else case
                    if placed is not None:
                        yield placed
                else:
                    buyer = item["buyer"]
                    note = _NOTE.search(buyer)
                    placed = _placed(case, _NOTE.sub("", buyer), note[1]) if note else None
                    yield placed or case._replace(history=(Turn("buyer", buyer),))


def _placed(case: Case, buyer: str, note: str) -> Case | None:
    """A case in the scene that a note describes; None for a scene that cannot be set."""
    said = (Turn("buyer", buyer),) if buyer else ()
    if note in _OPENS:
        return case._replace(history=said, moment=Moment(opens=True))
    if note in _PAID:
        return case._replace(history=(Turn("system", "买家已付款"), *said))
    if note in _ANSWERED_AT and buyer:
        return case._replace(history=(Turn("buyer", buyer, _ASKED_AT),), moment=Moment(_ANSWERED_AT[note]))
    return None


def devset_cases(path: Path, half: str = "all") -> Iterator[Case]:
    """The labelled replies of a file: odd ids to tune on, even ids to measure. Rows of severity info are left out."""
    for row in _rows(path):
        if half != "all" and int(row["id"].split("-")[1]) % 2 != (half == "odd"):
            continue
        if "turns" in row:
            yield from _dialogue_cases(row)
        elif row["severity"] != "info":
            history = tuple(Turn("buyer", text) for text in row["buyer"])
            yield Case(row["id"], row["reply"], history, {}, frozenset(row["packs"]), row["note"])


def _dialogue_cases(row: dict[str, Any]) -> Iterator[Case]:
    meta = {key: row[key] for key in ("platform", "buyer_id", "order_buyer_id") if row.get(key)}
    for index, turn in enumerate(row["turns"]):
        if turn["role"] in ("agent", "bot") and turn.get("severity") != "info":
            history = tuple(Turn(before["role"], before["text"]) for before in row["turns"][:index])
            packs = frozenset(turn["packs"])
            yield Case(f"{row['id']}#{index}", turn["text"], history[-12:], meta, packs, turn.get("note", ""))


def chatlog_cases(path: Path) -> Iterator[Case]:
    """The replies of a chat log, which nobody has labelled; nearly all of them are fine."""
    for row in _rows(path):
        yield Case(row["id"], row["reply"], tuple(Turn(turn["role"], turn["text"]) for turn in row["history"]))


def _rows(path: Path) -> Iterator[Any]:
    return map(json.loads, path.read_text(encoding="utf-8").splitlines())
