"""Rules against a reply: candidates, what the clause makes of each, and the findings that remain.

A straight pipe. A first look at the reply (and at what the buyer said) names the matches that could hold at all; most
replies end there. For the rest the words are read, frames are looked for, clauses are judged.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from replylint.answers import Form, Reading, Stance, read_recalled, read_stance, recalls
from replylint.clause import polarity, reason_to_drop
from replylint.expression import Expression
from replylint.frame import Frame
from replylint.index import Given, Skim, united
from replylint.lexis import Known
from replylint.model import NO_META, Finding, Meta, Severity, Turn, Verdict
from replylint.passage import Extent, Passage, Span
from replylint.profile import Profile
from replylint.reader import Reader
from replylint.rule import Match, Rule, Ruleset
from replylint.scene import LOOK_BACK, SOME_MOMENT, Heard, Memory, Moment, Scene, is_due
from replylint.search import extents
from replylint.settle import Raised, is_elliptic, settle
from replylint.text import Folder, View
from replylint.tokens import WordEdges
from replylint.validators import is_bank_card, is_cn_mobile, is_id_card, is_landline

_LONGEST_PIECE = 40
"""A bubble that completes something begun in the one before is short."""
_MOST_CANDIDATES = 40
"""Of one match in one view: whoever breaks a rule forty times in one reply knows by then."""
_LONGEST_EXCEPTION = 60
_VALID = {"cn_mobile": is_cn_mobile, "id_card": is_id_card, "bank_card": is_bank_card, "landline": is_landline}


class Judgement(NamedTuple):
    """Everything the rules had to say about a reply: findings in reading order, and every weighed candidate."""

    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    elliptic: frozenset[Finding]
    """Those of the findings whose offence lies in what the buyer asked, not in the words themselves."""
    seen: Sequence[tuple[View, Passage]]
    """The views of the reply with their passages."""


_NOTHING = Judgement((), (), frozenset(), ())


class _Candidate(NamedTuple):
    """A place where a match could hold; with a reason, it is only kept to be explained."""

    extent: Extent
    span: Span | None = None
    reason: str | None = None


class Engine:
    """A ruleset ready to judge. Immutable."""

    def __init__(
        self, ruleset: Ruleset, folder: Folder, profile: Profile, edges: WordEdges, *, plain: bool = False
    ) -> None:
        self._profile = profile
        self._word_edges = edges
        self._matches: Known[int, Match] = Known(self._read)
        self._by_number = [(rule, at) for rule in ruleset.rules for at in range(len(rule.matches))]
        off = frozenset(
            n for n, (rule, _) in enumerate(self._by_number) if rule.profile_off and rule.profile_off in profile.facts
        )
        self.reader = Reader(ruleset, off, folder, profile, plain=plain)

    # -- looking for candidates

    def judge(
        self,
        reply: str,
        history: Sequence[Turn] = (),
        meta: Meta = NO_META,
        moment: Moment = SOME_MOMENT,
        memory: Memory | None = None,
        *,
        explain: bool = False,
    ) -> Judgement:
        """The findings for a reply in its context. Never raises on any text. To `explain` also weighs what can make no
        finding.
        """
        reader, index = self.reader, self.reader.index
        folded = reader.fold(reply)
        sights = reader.look_at_reply(folded)
        skims = [sight.skim for sight in sights]
        called = united([skim.called for skim in skims])
        due = index.as_typed if folded.drops_characters else frozenset()
        turns: list[Heard] = []
        asks: set[int] = set()
        heard: list[Skim] = []
        if history:
            memory = memory if memory is not None else Memory()
            turns = [memory.hear(turn, reader) for turn in history[-LOOK_BACK:]]
            for turn in turns:
                called |= turn.called
                asks |= memory.asks(turn, reader)
                heard += [sight.skim for sight in turn.sights]
            if not turns[-1].sights and len(reply) <= _LONGEST_PIECE:
                due |= index.pieces
        # At no known moment, and with the buyer's word before it, a reply neither opens nor repeats anything.
        if index.moments and (moment != SOME_MOMENT or (turns and turns[-1].role != "buyer")):
            due |= self._due(folded.text, turns, history, moment)
        if meta.asker_is_not_the_orderer:
            due |= index.for_others
        if not (called or due or asks):
            return _NOTHING
        given = Given(index, len(folded.text), skims, heard)
        able, answers = given.called(called) | given.others(due), given.others(index.answers(asks))
        if not able and not answers:
            return _NOTHING
        seen = [(sight.view, reader.passage(sight)) for sight in sights]
        able = {number for number in able if self._has_a_place(self._matches[number], seen)}
        answers = {number for number in answers if self._has_a_place(self._matches[number], seen)}
        if not able and not answers:
            return _NOTHING
        back = bool(answers) and any(recalls(reader.stances, passage) for _, passage in seen)
        if answers and not explain:
            stances = self._stances(seen, back)
            answers = {number for number in answers if _may_answer(self._matches[number], stances)}
            if not able and not answers:
                return _NOTHING
        wanted = {request for number in answers for request in self._matches[number].asked}
        scene = Scene(reader, turns, memory or Memory(), meta, (moment.at or "")[:10], wanted, recalls=back)
        able |= {number for number in answers if scene.is_asked(self._matches[number].asked)}
        return self._weigh(reply, seen, scene, sorted(able)) if able else _NOTHING

    def _read(self, number: int) -> Match:
        rule, at = self._by_number[number]
        return rule.matches[at]

    @staticmethod
    def _has_a_place(match: Match, sights: Sequence[tuple[View, Passage]]) -> bool:
        """Whether what a match says of the reply alone can hold: asked before anything around the reply is read."""
        if match.as_typed or match.pieces:
            return True
        for _, passage in sights:
            if match.must is not None and passage.has(match.must.node):
                continue
            if match.act is not None:
                if passage.has(match.act.node):
                    return True
            elif not match.search or any(True for _ in extents(match.search, passage.text)):
                return True
        return False

    def _stances(self, sights: Sequence[tuple[View, Passage]], back: bool) -> set[Stance]:
        """The stances that a reply may take, whatever was asked for."""
        readers = (read_stance, read_recalled) if back else (read_stance,)
        found = {read(self.reader.stances, passage).stance for _, passage in sights for read in readers}
        # 是的 says yes to 能开吗 and no to 不能开吗.
        return found | {"yes", "no"} if found & {"yes", "no"} else found

    def _due(self, text: str, turns: Sequence[Heard], history: Sequence[Turn], moment: Moment) -> frozenset[int]:
        """The matches about a moment at which a folded reply is sent."""
        matches, moments = self._matches, self.reader.index.moments
        return frozenset(number for number in moments if is_due(matches[number], text, turns, history, moment))

    # -- weighing them

    def _weigh(
        self, reply: str, sights: Sequence[tuple[View, Passage]], scene: Scene, called: Iterable[int]
    ) -> Judgement:
        raised: list[Raised] = []
        verdicts: list[Verdict] = []
        seen: set[tuple[int, int, int, str | None]] = set()
        typed = [self.reader.as_typed(reply)] if not self.reader.index.as_typed.isdisjoint(called) else []
        for number in called:
            rule, match = self._by_number[number][0], self._matches[number]
            form = self._form(match, scene)
            if form is None or not self._is_about(match, sights, scene):
                continue
            for view, passage in typed if match.as_typed else sights:
                for candidate in self._candidates(rule, match, passage, form, scene):
                    extent = view.span(*candidate.extent)
                    start, end = _trimmed(reply, *extent)
                    if start >= end and match.search:
                        start, end = extent  # 没货了!!!: the signs themselves
                    if start >= end or (number, start, end, candidate.reason) in seen:
                        continue
                    seen.add((number, start, end, candidate.reason))
                    verdicts.append(Verdict(rule.id, match.source, start, end, reply[start:end], candidate.reason))
                    if candidate.reason is None:
                        trick = view.trick(start, end)
                        raised.append(
                            Raised(self._finding(rule, match, reply, start, end, trick, scene.meta), rule, match)
                        )
        kept, yielded = settle(raised)
        if yielded:
            lost = {(item.finding.rule, item.finding.start, item.finding.end) for item in yielded}
            lost -= {(finding.rule, finding.start, finding.end) for finding in kept}
            verdicts = [
                verdict._replace(reason="yielded")
                if verdict.reason is None and (verdict.rule, verdict.start, verdict.end) in lost
                else verdict
                for verdict in verdicts
            ]
        elliptic = frozenset(item.finding for item in raised if is_elliptic(item.match))
        return Judgement(kept, tuple(dict.fromkeys(verdicts)), elliptic, sights)

    def _form(self, match: Match, scene: Scene) -> Form | None:
        """The form of the request this match is about, or None when its conditions do not hold."""
        if "other_account" in match.when and not scene.meta.asker_is_not_the_orderer:
            return None
        if not match.asked:
            return "positive"
        forms = {scene.requests[name] for name in match.asked if name in scene.requests} or {
            scene.recalled[name] for name in match.asked if name in scene.recalled
        }
        if not forms or (match.form and match.form not in forms):
            return None
        return "negative" if "negative" in forms else "positive"

    @staticmethod
    def _is_about(match: Match, sights: Sequence[tuple[View, Passage]], scene: Scene) -> bool:
        """Whether what the match asks of the talk around its words holds."""
        about = match.about
        if about is not None and not any(
            passage.has(about.node) for passage in (*(passage for _, passage in sights), *scene.context)
        ):
            return False
        heard, said = match.heard, match.said
        if heard is not None and not any(passage.has(heard.node) for passage in scene.heard):
            return False
        return said is None or any(passage.has(said.node) for passage in scene.said)

    def _candidates(self, rule: Rule, match: Match, passage: Passage, form: Form, scene: Scene) -> Iterator[_Candidate]:
        """Where a match could hold in one view of the reply, each with the reason it does not."""
        common: str | None = None
        first = True
        for candidate in islice(self._places(match, passage, form, scene), _MOST_CANDIDATES):
            reason = candidate.reason
            if reason is None:
                if first:
                    common, first = self._common_reason(rule, match, passage, scene), False
                reason = common
            if reason is None and rule.exempt is not None:
                start, end = candidate.extent
                if any(start < span.end for span in passage.near(rule.exempt.node, start - _LONGEST_EXCEPTION, end)):
                    reason = "exempt"
            if reason is None and "echoed" in match.unless:
                reason = "echoed" if _echoes(passage.text[slice(*candidate.extent)], scene.typed) else None
            if reason is None:
                span = candidate.span or Span(*candidate.extent)
                reason = reason_to_drop(self.reader.cues, passage, span, match.unless)
            yield candidate._replace(reason=reason)

    @staticmethod
    def _common_reason(rule: Rule, match: Match, passage: Passage, scene: Scene) -> str | None:
        """What lets every candidate of a match go."""
        override = rule.platforms.get(scene.meta.platform)
        if match.unless_heard is not None and any(heard.has(match.unless_heard.node) for heard in scene.heard):
            return "heard"
        if match.unless_said is not None and any(said.has(match.unless_said.node) for said in scene.said):
            return "said"
        if override is not None and override.severity == "off":
            return "platform"
        if scene.day and not (rule.since or scene.day) <= scene.day <= (rule.until or scene.day):
            return "dates"
        if any(passage.has(frame.node) for frame in rule.clear):
            return "cleared"
        return "cleared" if match.without is not None and passage.has(match.without.node) else None

    def _places(self, match: Match, passage: Passage, form: Form, scene: Scene) -> Iterator[_Candidate]:
        whole = (0, len(passage.text))
        if match.must is not None and passage.has(match.must.node):
            return
        if match.must is not None and match.act is None and not (match.search or match.answer):
            if not (match.asked and read_stance(self.reader.stances, passage, form).stance == "yes"):
                yield _Candidate(whole)
            return
        if match.answer:
            reading = self._reading(match, passage, form, scene)
            clause = (reading.start, reading.end) if reading.end else whole
            if match.act is None and not match.search:
                yield _Candidate(clause, None, None if reading.stance in match.answer else "answer")
                return
            if reading.stance not in match.answer:
                return
        if match.act is not None:
            if match.pieces and scene.before:
                yield from self._over_bubbles(match, passage.text, scene.before)
            yield from self._acts(match, match.act, passage)
        elif match.search:
            for start, end in extents(match.search, passage.text):
                if not match.valid or _VALID[match.valid](passage.text[start:end]):
                    yield _Candidate((start, end))
        else:
            yield _Candidate(whole)

    def _reading(self, match: Match, passage: Passage, form: Form, scene: Scene) -> Reading:
        open_still = any(name in scene.requests for name in match.asked)
        return (read_stance if open_still else read_recalled)(self.reader.stances, passage, form)

    def _acts(self, match: Match, act: Frame, passage: Passage) -> Iterator[_Candidate]:
        """The act wherever it stands, judged for its polarity."""
        for span in passage.spans(act.node):
            if match.whole_word and self._word_edges.cuts_a_word(passage.text, span.start, span.end):
                continue
            found = polarity(self.reader.cues, passage, span, match.wanted)
            yield _Candidate(span.mark or (found.start, found.end), span, found.reason)

    def _over_bubbles(self, match: Match, text: str, before: str) -> Iterator[_Candidate]:
        """138 / 1234 / 5678: the frame on the bubbles as one, when it needs this one to be complete."""
        node = match.act.node if match.act is not None else -1
        if self.reader.passage_of(before).has(node):
            return
        joined = self.reader.passage_of(before + text)
        offset = len(joined.text) - len(text)
        if offset < 0:
            return
        for span in joined.spans(node):
            start, end = span.mark or (span.start, span.end)
            if end > offset:
                yield _Candidate((max(0, start - offset), end - offset))

    # -- the findings

    def _finding(
        self, rule: Rule, match: Match, reply: str, start: int, end: int, trick: str | None, meta: Meta
    ) -> Finding:
        override = rule.platforms.get(meta.platform)
        severity: Severity = match.severity or rule.severity
        points = match.points if match.points is not None else rule.points
        if override is not None:
            severity = override.severity or severity  # type: ignore[assignment]
            points = override.points if override.points is not None else points
        return Finding(
            rule=rule.id,
            severity=severity,
            confidence=match.confidence or rule.confidence,
            points=points,
            start=start,
            end=end,
            text=reply[start:end],
            message=rule.message[self._profile.language],
            trick=trick,
        )


def _may_answer(match: Match, stances: set[Stance]) -> bool:
    """Whether a reply that can take no other stances may hold a finding of a match."""
    return match.as_typed or not match.answer or not stances.isdisjoint(match.answer)


def _echoes(words: str, heard: str) -> bool:
    """Whether the buyer has just typed the same: the digits of a number, or the words themselves."""
    digits = _DIGITS.sub("", words)
    return words in heard or (len(digits) >= _TELLING and digits in _DIGITS.sub("", heard))


_DIGITS = Expression("[^0-9]")
_TELLING = 4


_EDGE = " ,。!?;:\n\t~、，！？；："


def _trimmed(reply: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks and signs at its edges."""
    while start < end and reply[start] in _EDGE:
        start += 1
    while end > start and reply[end - 1] in _EDGE:
        end -= 1
    return start, end
