"""One function over Arrow record batches, which knows no engine: messages in, findings out.

PySpark (`mapInArrow`), Polars, DuckDB, Ray Data and MaxFrame all hand over batches; examples/engines has a recipe for
each. Whatever the engine, it must keep the messages of a conversation together and one behind the other, as sorting by
conversation does; a conversation may go on in the next batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from replylint.audit.columnar import FINDING_SCHEMA, finding_batch
from replylint.audit.judged import Auditor
from replylint.audit.privacy import Masker
from replylint.chatlog.columnar import rows_of
from replylint.chatlog.table import Message, Row, conversation_of, grid_messages
from replylint.linter import Linter

__all__ = ["FINDING_SCHEMA", "Recipe", "lint_batches"]

_ROWS = 5_000


class Recipe(NamedTuple):
    """What a worker needs to build the same linter as every other: small, hashable, and sent with the function.

    packs: names and paths as `Linter` takes them; None for all
    key: of the pseudonyms; an empty one shows personal data unmasked
    columns: (field, header) pairs for headers that are not known
    log: what the findings' `log` is to be
    """

    packs: tuple[str, ...] | None = None
    policy: str | None = None
    shop: str | None = None
    lang: str | None = None
    key: bytes = b""
    columns: tuple[tuple[str, str], ...] = ()
    log: str = ""


def lint_batches(batches: Iterable[pa.RecordBatch], recipe: Recipe) -> Iterator[pa.RecordBatch]:
    """The findings of messages, in batches of `FINDING_SCHEMA`, conversation by conversation as they come.

    A batch has a row for each message, with the columns of a table log (text, role, conversation, at, seq, …; see
    `--map`). A row that cannot be read is left out: a cluster has no place to tell it, so audit a sample first. Raises
    ValueError where the batches have no column of text or nobody is named as its writer.
    """
    auditor = _auditor(recipe)
    found = []
    for messages in _conversations(batches, recipe):
        chat = auditor.judge(conversation_of(messages), recipe.log)
        found += [hit.to_dict() for reply in chat.replies for hit in reply.hits]
        if len(found) >= _ROWS:
            yield finding_batch(found)
            found = []
    if found:
        yield finding_batch(found)


@lru_cache(maxsize=1)
def _auditor(recipe: Recipe) -> Auditor:
    linter = Linter(recipe.packs, policy=recipe.policy, shop=recipe.shop, lang=recipe.lang)
    return Auditor(linter, Masker(recipe.key, off=not recipe.key))


def _conversations(batches: Iterable[pa.RecordBatch], recipe: Recipe) -> Iterator[list[Message]]:
    held: list[Message] = []
    for message in _messages(batches, dict(recipe.columns)):
        if held and message.conversation != held[0].conversation:
            yield held
            held = []
        held.append(message)
    if held:
        yield held


def _messages(batches: Iterable[pa.RecordBatch], columns: Mapping[str, str]) -> Iterator[Message]:
    number = 0
    for batch in batches:
        header = Row(0, list(batch.schema.names))
        rows = list(rows_of(batch, number))
        for item in grid_messages(Path("batch"), iter((header, *rows)), columns):
            if isinstance(item, Message):
                yield item
            elif item.line == 0:
                raise ValueError(item.message)
        number += len(rows)
