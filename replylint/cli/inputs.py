"""Replies from files and standard input: text, wire requests, quick-phrase libraries."""

import codecs
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from replylint.linter import Linter
from replylint.messages import say
from replylint.model import Meta, Report, Request, RequestError, Turn, read_request
from replylint.phrases import (
    Book,
    Flaw,
    LineIndex,
    Phrase,
    has_phrase_header,
    index_lines,
    offset_in_file,
    read_library,
    read_lines,
    read_markdown,
    written,
)
from replylint.render import STDIN, Checked, Spot, Unreadable

_HEAD_BYTES = 1 << 16
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
# {"reply": …} and not {昵称}您好, which is a template.
_JSON_OBJECT = re.compile(rb'\s*\{\s*(?:"|\}|\Z)')


class Context(NamedTuple):
    """What is known about every reply of the run, besides what its file says."""

    language: str
    history: tuple[Turn, ...] = ()
    meta: Meta = Meta()


class Document(NamedTuple):
    """A file of replies, decoded. `mark` and `encoding` bring it back to the bytes it came from."""

    path: str
    text: str
    encoding: str
    mark: bytes
    lines: LineIndex
    book: Book | None = None

    def encoded(self, text: str) -> bytes:
        """Another text as the bytes of this file."""
        if self.book is not None:
            from replylint.cli.book import book_bytes

            return book_bytes(self.book, text)
        return self.mark + text.encode(self.encoding)


class Reply(NamedTuple):
    """A reply to check. One from a wire request knows its line only, any other its phrase in its document."""

    path: str
    line: int
    request: Request
    document: Document | None = None
    phrase: Phrase | None = None
    cell: bool = False


Item: TypeAlias = Reply | Unreadable


class InputError(Exception):
    """A file that cannot be read at all."""

    def __init__(self, unreadable: Unreadable) -> None:
        self.unreadable = unreadable
        super().__init__(str(unreadable))


def read_replies(paths: Sequence[str], kind: str, context: Context) -> Iterator[Item]:
    """Every reply of the files in order, read as they are needed; what cannot be read is an `Unreadable` in its place.

    `-` is standard input. `kind` is auto, text, markdown, jsonl or csv.
    """
    for path in paths:
        try:
            yield from _read_file(path, kind, context)
        except InputError as error:
            yield error.unreadable


def judge(linter: Linter, item: Reply) -> Checked:
    """The judgement of one reply and where its parts stand."""
    request = item.request
    report = linter.check(request.reply, request.history, request.meta, id=request.id)
    document, phrase = item.document, item.phrase
    if document is None or phrase is None:
        spots = tuple(Spot(item.line) for _ in report.findings)
        return Checked(item.path, request.reply, request.history, report, Spot(item.line), spots, from_wire=True)
    return Checked(
        item.path,
        request.reply,
        request.history,
        report,
        _spot(document, phrase.start, phrase.end),
        _spots(document, phrase, report),
        None if report.rewrite is None else written(phrase, report.rewrite, cell=item.cell),
        phrase.label,
    )


def read_document(path: str, language: str) -> Document:
    """A whole file; raises InputError."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else _existing(path, language).read_bytes()
    except OSError as error:
        raise _unreadable(path, language, error) from None
    return decoded(STDIN if path == "-" else path, data, language)


def decoded(path: str, data: bytes, language: str) -> Document:
    """The bytes as text: a byte-order mark decides, else UTF-8 or GB18030, whichever fits; raises InputError."""
    if data.startswith(_EXCEL):
        # A hook that checks one reply does not wait for what reads workbooks.
        from replylint.cli.book import read_book

        try:
            book = read_book(data)
        except (OSError, ValueError) as error:
            raise InputError(Unreadable(path, None, say(language, "file.unreadable", reason=error))) from None
        return Document(path, book.text, "utf-8", b"", LineIndex(book.rows), book)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(path, data[len(mark) :], encoding, mark, language)
    return _decoded(path, data, _encoding(data), b"", language)


def kind_of(document: Document, kind: str) -> str:
    """What the document holds when the user did not say: text, markdown, jsonl or csv."""
    if kind != "auto":
        return kind
    suffix = Path(document.path).suffix.lower()
    if document.book is not None or has_phrase_header(document.text) or suffix == ".csv":
        return "csv"
    if suffix in (".md", ".markdown"):
        return "markdown"
    return "jsonl" if _JSON_OBJECT.match(document.text[:_HEAD_BYTES].encode("utf-8", "replace")) else "text"


def items_of(document: Document, kind: str, context: Context) -> Iterator[Item]:
    """The replies of a document that is text or a library."""
    if kind == "csv":
        for found in read_library(document.text):
            if isinstance(found, Flaw):
                line, column = document.lines.position(found.offset)
                yield Unreadable(document.path, line, _flaw(document, found, context.language), column=column)
            else:
                yield _phrase(document, found, context, cell=True)
    else:
        for phrase in read_markdown(document.text) if kind == "markdown" else read_lines(document.text):
            yield _phrase(document, phrase, context, cell=False)


def read_wire(path: str, line: int, data: bytes | str, context: Context) -> Item:
    """The request of one line; one that cannot be read keeps its id where that can be told."""
    import json  # most input is text

    language = context.language

    def broken(message: str, id: str | None = None) -> Unreadable:
        return Unreadable(path, line, message, id, from_wire=True)

    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        wire = json.loads(text)
    except UnicodeDecodeError:
        return broken(say(language, "json.encoding"))
    except json.JSONDecodeError as error:
        return broken(say(language, "json.broken", reason=error.msg, column=error.colno))
    except RecursionError:
        return broken(say(language, "json.deep"))
    except ValueError as error:
        return broken(str(error))
    known = _id_of(wire)
    if isinstance(wire, dict) and "turns" in wire and "reply" not in wire:
        return broken(say(language, "json.conversation"), known)
    try:
        request = read_request(wire)
    except RequestError as error:
        return broken(str(error), known)
    meta = request.meta if request.meta.platform else request.meta._replace(platform=context.meta.platform)
    return Reply(path, line, request._replace(meta=meta))


def _read_file(path: str, kind: str, context: Context) -> Iterator[Item]:
    """Wire requests are answered one by one, as a hook needs it; everything else is read whole."""
    if path == "-":
        yield from _read_stream(STDIN, sys.stdin.buffer, kind, context)
        return
    try:
        with _existing(path, context.language).open("rb") as file:
            yield from _read_stream(path, file, kind, context)
    except OSError as error:
        raise _unreadable(path, context.language, error) from None


def _read_stream(path: str, stream: BinaryIO, kind: str, context: Context) -> Iterator[Item]:
    head = [] if kind in ("text", "markdown", "csv") else _until_text(stream)
    first = head[-1].removeprefix(codecs.BOM_UTF8) if head else b""
    if kind == "jsonl" or (kind == "auto" and _JSON_OBJECT.match(first)):
        yield from _read_wires(path, chain(head, stream), context)
        return
    document = decoded(path, b"".join((*head, stream.read())), context.language)
    yield from items_of(document, kind_of(document, kind), context)


def _until_text(stream: BinaryIO) -> list[bytes]:
    """The first lines, up to and with the first that is not blank."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.removeprefix(codecs.BOM_UTF8).strip():
            break
    return lines


def _read_wires(path: str, lines: Iterable[bytes], context: Context) -> Iterator[Item]:
    for number, line in enumerate(lines, 1):
        data = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        if data.strip():
            yield read_wire(path, number, data, context)


def _phrase(document: Document, phrase: Phrase, context: Context, *, cell: bool) -> Reply:
    line, _ = document.lines.position(phrase.start)
    request = Request(phrase.text, context.history, context.meta)
    return Reply(document.path, line, request, document, phrase, cell)


def _spots(document: Document, phrase: Phrase, report: Report) -> tuple[Spot, ...]:
    return tuple(
        _spot(
            document,
            offset_in_file(document.text, phrase, finding.start),
            offset_in_file(document.text, phrase, finding.end),
        )
        for finding in report.findings
    )


def _spot(document: Document, start: int, end: int) -> Spot:
    return Spot(*document.lines.position(start), *document.lines.position(end))


def _flaw(document: Document, flaw: Flaw, language: str) -> str:
    first = document.text[:_HEAD_BYTES].split("\n", 1)[0].rstrip("\r")
    if flaw.kind == "no-phrase-column":
        from replylint.chatlog.table import looks_like_header

        if looks_like_header(first):
            return say(language, "file.chatlog")
    return say(language, f"flaw.{flaw.kind}")


def _decoded(path: str, data: bytes, encoding: str, mark: bytes, language: str) -> Document:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = say(language, "file.undecodable", byte=data[error.start])
        raise InputError(Unreadable(path, line, message)) from None
    return Document(path, text, encoding, mark, index_lines(text))


def _encoding(data: bytes) -> str:
    """UTF-8, or what most lines are valid in: one damaged line does not make a file GB18030."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        from replylint.chatlog.lines import encoding_of

        return encoding_of(data)
    return "utf-8"


def _existing(path: str, language: str) -> Path:
    file = Path(path)
    if file.is_dir():
        raise InputError(Unreadable(path, None, say(language, "file.directory")))
    return file


def _unreadable(path: str, language: str, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        message = say(language, "file.missing")
    else:
        message = say(language, "file.unreadable", reason=error.strerror or str(error))
    return InputError(Unreadable(path, None, message))


def _id_of(wire: Any) -> str | None:
    identity = wire.get("id") if isinstance(wire, dict) else None
    return str(identity) if isinstance(identity, (str, int)) and not isinstance(identity, bool) else None
