"""Saying it right: an edit of the words at fault or words put beside them, else another clause, else another reply.

A rewrite is offered only when it lints clean in the same context. It keeps every part of the reply that is not at
fault, and a template with a
slot nobody can fill is never used.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from replylint.answers import only_addresses, only_apologises
from replylint.expression import Expression
from replylint.model import Finding
from replylint.passage import Extent, Passage, outermost_first
from replylint.profile import Profile
from replylint.reader import Reader
from replylint.rule import Edit, Rule, Ruleset
from replylint.search import extents
from replylint.text import View
from replylint.validators import mask

_LEAST_KEPT = 13
"""Fewer characters than these of a sentence lean on what goes: 有的, 速加, 售后都在那边处理."""
_CLAUSE_END = Expression(r"[,，。!！?？;；\n]")
_SENTENCE_END = Expression(r"[。!！?？\n]")
_CLAUSE = Expression(r"[,，。!！?？;；\n]+([^,，。!！?？;；\n]{1,16})")
_SIGNS = " ,，。.!！~～、;；"
_SLOT = Expression(r"\{([^{}]*)\}")


class _Draft(NamedTuple):
    """A reply that is to be put right: as typed, and its views with their passages."""

    reply: str
    seen: Sequence[tuple[View, Passage]]


class Rewriter:
    """Looks for compliant wordings; immutable."""

    def __init__(self, ruleset: Ruleset, profile: Profile, reader: Reader) -> None:
        self._reader = reader
        self._vocabulary = ruleset.vocabulary
        self._rules = {rule.id: rule for rule in ruleset.rules}
        self._slots = {**ruleset.slots, **profile.slots}

    def rewrite(
        self,
        reply: str,
        seen: Sequence[tuple[View, Passage]],
        findings: Sequence[Finding],
        elliptic: Collection[Finding],
        is_clean: Callable[[str], bool],
    ) -> tuple[tuple[Finding, ...], str | None]:
        """The findings with a suggestion each where there is one, and the whole reply rewritten, or None. `seen` are
        the views of the reply with their passages.

        Of an `elliptic` finding the offence lies in the buyer's question: 可以的 cannot be mended, only another
        answer given.
        """
        serious = [finding for finding in findings if finding.severity != "info"] or list(findings)
        suggested: dict[Finding, str] = {}
        draft = _Draft(reply, seen)
        better = next((text for text in self._whole(draft, serious, elliptic, suggested) if is_clean(text)), None)
        return tuple(
            finding._replace(suggestion=suggested.get(finding) or self._first_template(finding)) for finding in findings
        ), better

    def _whole(
        self, draft: _Draft, findings: Sequence[Finding], elliptic: Collection[Finding], suggested: dict[Finding, str]
    ) -> Iterator[str]:
        """Rewritten replies to try, the most careful first."""
        edited = self._replaced(draft, findings, self._mended, suggested)
        if edited is not None:
            yield edited
        clauses = self._replaced(draft, findings, self._clause, {})
        alone = not self._rest(draft.reply, findings, whole=True)
        mixed = not alone and any(finding in elliptic for finding in findings)
        leaning = 0 < len(self._rest(draft.reply, findings)) < _LEAST_KEPT
        if clauses is not None and not mixed and not leaning:
            yield clauses
        for finding in sorted(findings, key=lambda item: (item.severity != "error", -item.points)):
            yield from self._filled(self._rules[finding.rule].fix.replies)
        if clauses is not None and not mixed:
            yield clauses

    def _replaced(
        self,
        draft: _Draft,
        findings: Sequence[Finding],
        way: Callable[[_Draft, Finding], tuple[int, int, str] | None],
        suggested: dict[Finding, str],
    ) -> str | None:
        swaps: list[tuple[int, int, str]] = []
        for finding in findings:
            swap = way(draft, finding)
            if swap is None:
                return None
            suggested[finding] = swap[2]
            if swap not in swaps:
                swaps.append(swap)
        reply = draft.reply
        text, at, before = "", 0, ""
        for start, end, words in sorted(swaps):
            if start < at:
                return None
            between = reply[at:start]
            # 拍M就对了,百分百合适: two clauses at fault side by side want the same words only once.
            text += "" if words == before and not between.strip(_SIGNS) else between + words
            at, before = end, words
        return text + reply[at:]

    def _mended(self, draft: _Draft, finding: Finding) -> tuple[int, int, str] | None:
        return (
            self._masked(draft.reply, finding)
            or self._edit(draft.seen, finding)
            or self._completed(draft.reply, finding)
        )

    def _completed(self, reply: str, finding: Finding) -> tuple[int, int, str] | None:
        """The clauses of the finding with what is missing put before or behind them."""
        fix = self._rules[finding.rule].fix
        before, after = (next(self._filled([words]), None) for words in (fix.before, fix.after))
        if before is None or after is None or not (before or after):
            return None
        start, end = self._bounds(reply, finding)
        return start, end, before + reply[start:end] + after

    def _masked(self, reply: str, finding: Finding) -> tuple[int, int, str] | None:
        """The finding's words with the personal data in them masked (138****8000). Where nothing of it would be left
        (您是***吧,502) they are not mended so.
        """
        if not self._rules[finding.rule].fix.mask:
            return None
        words, at = "", finding.start
        for kind, start, end in self._reader.entities_in(reply):
            if at <= start and end <= finding.end:
                masked = mask(kind, reply[start:end], vocabulary=self._vocabulary)
                if not any(map(str.isalnum, masked)):
                    return None
                words += reply[at:start] + masked
                at = end
        return (finding.start, finding.end, words + reply[at : finding.end]) if words else None

    def _edit(self, seen: Iterable[tuple[View, Passage]], finding: Finding) -> tuple[int, int, str] | None:
        """The first of the rule's edits whose words touch the finding."""
        for edit in self._rules[finding.rule].fix.edits:
            for view, passage in seen:
                # Of 等着 and 等着吧 the longer one, or 吧 is left behind.
                for extent in sorted(_places(edit, passage), key=outermost_first):
                    start, end = view.span(*extent)
                    if start < finding.end and finding.start < end:
                        words = next(self._filled([edit.to]), None)
                        if words is not None:
                            return start, end, words
        return None

    def _clause(self, draft: _Draft, finding: Finding) -> tuple[int, int, str] | None:
        """The clauses of the finding replaced as a whole, and with them the pardon asked for behind."""
        words = next(self._filled(self._rules[finding.rule].fix.clauses), None)
        if words is None:
            return None
        start, end = self._bounds(draft.reply, finding)
        behind = _CLAUSE.match(draft.reply, end)
        # 不开票的,请见谅: where the invoice is granted there is nothing to pardon.
        if behind and only_apologises(self._reader.stances, self._reader.passage_of(self._reader.fold(behind[1]).text)):
            end = behind.end()
        return start, end, words

    def _bounds(self, reply: str, finding: Finding) -> tuple[int, int]:
        """The clause around a finding in the reply as typed."""
        first = max((found.end() for found in _CLAUSE_END.finditer(reply, 0, finding.start)), default=0)
        last = _CLAUSE_END.search(reply, finding.end)
        return first, last.start() if last else len(reply)

    def _rest(self, reply: str, findings: Sequence[Finding], *, whole: bool = False) -> str:
        """What is left without the clauses at fault: of the sentences they stand in, or of the whole reply. Words that
        only address the buyer (亲, 您好) do not count.
        """
        parts, at = [], 0
        for start, end in (*sorted({self._bounds(reply, finding) for finding in findings}), (len(reply), len(reply))):
            between = reply[at:start]
            sentences = _SENTENCE_END.split(between)
            if not whole and len(sentences) > 1:
                # The end of the sentence before, and the beginning of the one behind.
                between = (sentences[0] if at else "") + (sentences[-1] if start < len(reply) else "")
            parts.append(between)
            at = end
        rest = "".join(parts).strip(_SIGNS)
        return "" if only_addresses(self._reader.stances, rest) else rest

    def _first_template(self, finding: Finding) -> str | None:
        rule: Rule = self._rules[finding.rule]
        return next(self._filled((*rule.fix.clauses, *rule.fix.replies)), None)

    def _filled(self, templates: Sequence[str]) -> Iterator[str]:
        """The templates with their slots filled; one with a slot nobody fills is left out."""
        for template in templates:
            if all(slot in self._slots for slot in _SLOT.findall(template)):
                yield _SLOT.sub(lambda slot: self._slots[slot[1]], template)


def _places(edit: Edit, passage: Passage) -> Iterable[Extent]:
    """Where the words that an edit replaces stand."""
    if edit.frame is None:
        return extents(edit.search, passage.text)
    return (found.mark or (found.start, found.end) for found in passage.spans(edit.frame.node))
