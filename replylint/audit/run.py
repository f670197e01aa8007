"""A whole audit: pieces judged by any number of processes, each result kept until all are there, then put together.

Every piece leaves one file, which appears whole or not at all. An audit that was stopped, however, goes on where it
was when the same logs are audited in the same way again; nothing is lost and nothing counted twice.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from replylint.atomic import replacing
from replylint.audit.judged import Auditor
from replylint.audit.pieces import Piece, Source, cut, read_piece
from replylint.audit.sums import Sums
from replylint.chatlog import LogProblem
from replylint.workers import ordered_map

_WORK = ".audit"
_PLAN = "plan.json"


class Task(NamedTuple):
    """What to audit into which directory. `settings` names all that decides the findings and is in no other field."""

    logs: tuple[Path, ...]
    out: Path
    source: Source = Source()
    settings: str = ""


class Plan(NamedTuple):
    """The pieces of a task, and where their results are kept until the end."""

    work: Path
    pieces: tuple[Piece, ...]

    def part(self, number: int) -> Path:
        """The file that the result of a piece is kept in."""
        return self.work / "parts" / f"{number:06}"


class Step(NamedTuple):
    """A piece that is done. `again` says that an earlier run had done it."""

    pieces: int
    of: int
    conversations: int
    replies: int
    again: bool


def prepare(task: Task, auditor: Auditor) -> Plan:
    """Cuts the logs into pieces, or finds them cut by an earlier run. Raises OSError, and ValueError as `read_log`."""
    work = task.out / _WORK
    key = _key(task, auditor)
    plan = work / _PLAN
    if plan.exists():
        kept = json.loads(plan.read_text(encoding="utf-8"))
        if kept["key"] == key:
            return Plan(work, tuple(Piece(*piece) for piece in kept["pieces"]))
    if not (work / key).exists():
        shutil.rmtree(work, ignore_errors=True)
    staged = work / key
    staged.mkdir(parents=True, exist_ok=True)
    (work / "parts").mkdir(exist_ok=True)
    pieces = [piece for number, log in enumerate(task.logs) for piece in cut(log, task.source, staged, number)]
    with replacing(plan) as file:
        file.write(json.dumps({"key": key, "pieces": pieces}, ensure_ascii=False).encode("utf-8", "backslashreplace"))
    return Plan(work, tuple(pieces))


def work_off(task: Task, plan: Plan, auditor: Auditor, jobs: int) -> Iterator[Step]:
    """Judges every piece that has no result yet; tells of each, in order."""
    numbers = [(number, piece) for number, piece in enumerate(plan.pieces)]
    shared = (auditor, task.source, plan)
    for done, (conversations, replies, again) in enumerate(ordered_map(_work_on, shared, numbers, jobs, batch=1), 1):
        yield Step(done, len(plan.pieces), conversations, replies, again)


def _work_on(shared: tuple[Auditor, Source, Plan], item: tuple[int, Piece]) -> tuple[int, int, bool]:
    auditor, source, plan = shared
    number, piece = item
    path = plan.part(number)
    if path.exists():
        with path.open("rb") as file:
            head = json.loads(file.readline())
        return (*_size(head["sums"]), True)
    sums = Sums()
    findings: list[bytes] = []
    problems = []
    for found in read_piece(piece, source):
        if isinstance(found, LogProblem):
            sums.add_problem(piece.log)
            problems.append(found)
            continue
        chat = auditor.judge(found, piece.log)
        sums.add(chat, auditor)
        findings += (line(hit.to_dict()) for reply in chat.replies for hit in reply.hits)
    wire = sums.to_wire()
    with replacing(path) as file:
        file.write(line({"sums": wire, "problems": problems}))
        file.writelines(findings)
    return (*_size(wire), False)


def put_together(plan: Plan, findings: BinaryIO, problems: BinaryIO) -> tuple[Sums, list[LogProblem]]:
    """Writes the findings and problems of all pieces in order; gives back the sums, and the first problems."""
    sums = Sums()
    first: list[LogProblem] = []
    for number in range(len(plan.pieces)):
        with plan.part(number).open("rb") as file:
            head = json.loads(file.readline())
            shutil.copyfileobj(file, findings)
        sums.merge(head["sums"])
        for wire in head["problems"]:
            problem = LogProblem(*wire)
            problems.write(line(problem._asdict()))
            if len(first) < _FIRST_PROBLEMS:
                first.append(problem)
    return sums, first


_FIRST_PROBLEMS = 10


def clear(plan: Plan) -> None:
    """Removes what was kept for going on."""
    shutil.rmtree(plan.work, ignore_errors=True)


def line(record: Any) -> bytes:
    """A record as a line of JSON. Half a surrogate pair becomes \\ud83d, which is JSON's own way to write it."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _size(sums: dict[str, Any]) -> tuple[int, int]:
    row = sums["tally"].get("all", {}).get("", {})
    return row.get("conversations", 0), row.get("replies", 0)


def _key(task: Task, auditor: Auditor) -> str:
    """What two runs must have in common for one to go on with the other's work."""
    logs: list[tuple[str, int | None, int | None]] = []
    for log in task.logs:
        try:
            stat = log.stat()
        except OSError:
            logs.append((str(log), None, None))
        else:
            logs.append((str(log), stat.st_size, stat.st_mtime_ns))
    columns = sorted((task.source.columns or {}).items())
    review = [sorted(names) for names in auditor.review]
    known = (
        logs,
        task.source.format,
        columns,
        task.settings,
        auditor.linter.version,
        auditor.masker.identity(),
        review,
    )
    card = (sorted(auditor.card.points.items()), sorted(auditor.card.red_lines), sorted(auditor.card.teams.items()))
    rest = auditor.card._replace(points={}, red_lines=frozenset(), teams={})
    return hashlib.sha256(repr((known, card, rest)).encode("utf-8", "backslashreplace")).hexdigest()[:16]
