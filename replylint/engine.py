"""Rules against a reply: candidates, what the clause makes of each, and the findings that remain.

A straight pipe. A literal scan of the reply (and of what the buyer said) names the matches that could hold at all;
most replies end there. For the rest the words are read, frames are looked for, clauses are judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from replylint.answers import (
    STANCE_NODES,
    Form,
    Reading,
    Stances,
    is_idle,
    open_turns,
    read_recalled,
    read_stance,
    recalls,
)
from replylint.clause import asks_something, denials_over, polarity, reason_to_drop
from replylint.frame import Frame
from replylint.index import Index, Skim
from replylint.model import NO_META, Finding, Meta, Role, Severity, Turn, Verdict
from replylint.passage import Edges, Extent, Passage, Span, places
from replylint.profile import Profile
from replylint.rule import Match, Rule, Ruleset
from replylint.search import extents
from replylint.settle import Raised, is_elliptic, settle
from replylint.text import Folder, Unmasker, View, may_spell_out_a_number, squeezed
from replylint.tokens import WordEdges
from replylint.validators import Entity, find_entities, is_bank_card, is_cn_mobile, is_id_card, is_landline

LOOK_BACK = 12
"""How many turns before a reply are looked at."""

_LONGEST_PIECE = 40
"""A bubble that completes something begun in the one before is short."""
_OWN_BUBBLES = 3
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


_NOTHING = Judgement((), (), frozenset())


class _Look(NamedTuple):
    """A text at a first look: folded, with what could hold in it, and whether it may hide something."""

    text: str
    skim: Skim
    masked: bool


class _Heard(NamedTuple):
    """A turn as the engine sees it: its passage is read only when a rule asks for it."""

    role: Role
    text: str
    skim: Skim | None
    """None for the agent's own turns, which call for nothing."""


class Moment(NamedTuple):
    """When in its conversation a reply is sent: its time (ISO 8601, if known), and whether it is the agent's first."""

    at: str | None = None
    opens: bool = False


SOME_MOMENT = Moment()
"""Nothing is known of it: a single request may come from the middle of a chat."""


class Memory:
    """What was worked out about turns, kept while one conversation is judged: every turn is read once."""

    __slots__ = ("heard", "passages")

    def __init__(self) -> None:
        self.heard: dict[tuple[Role, str], _Heard] = {}
        self.passages: dict[str, Passage] = {}


class _Candidate(NamedTuple):
    """A place where a match could hold; with a reason, it is only kept to be explained."""

    extent: Extent
    span: Span | None = None
    reason: str | None = None


class _Scene:
    """What surrounds a reply, each part worked out when a match first asks for it. Lives for one judgement."""

    def __init__(
        self, engine: Engine, turns: Sequence[_Heard], memory: Memory, meta: Meta, day: str, *, recalls: bool
    ) -> None:
        """`day` is the date on which the reply is sent (YYYY-MM-DD), empty when unknown; `recalls` when the reply
        goes back to an earlier request.
        """
        self._engine = engine
        self._recalls = recalls
        self._turns = turns
        self._memory = memory
        self.meta = meta
        self.day = day

    def _passage(self, text: str) -> Passage:
        passage = self._memory.passages.get(text)
        if passage is None:
            passage = self._memory.passages[text] = self._engine.passage_of(text)
        return passage

    @cached_property
    def _open(self) -> tuple[int, ...]:
        return open_turns(self._engine.stances, [(turn.role, turn.text) for turn in self._turns])

    @cached_property
    def context(self) -> tuple[Passage, ...]:
        """The buyer's open turns."""
        return tuple(self._passage(self._turns[index].text) for index in self._open)

    @cached_property
    def heard(self) -> tuple[Passage, ...]:
        """Every buyer's and system turn, open or not."""
        return tuple(self._passage(turn.text) for turn in self._turns if turn.role in ("buyer", "system"))

    @cached_property
    def typed(self) -> str:
        """What the buyer typed."""
        return "\n".join(turn.text for turn in self._turns if turn.role == "buyer")

    @cached_property
    def said(self) -> tuple[Passage, ...]:
        """The agent's turns before this one."""
        return tuple(self._passage(turn.text) for turn in self._turns if turn.role in ("agent", "bot"))

    @cached_property
    def before(self) -> str:
        """The agent's bubbles right before the reply, as one text."""
        bubbles: list[str] = []
        for turn in reversed(self._turns[-_OWN_BUBBLES - 1 :]):
            if turn.role not in ("agent", "bot"):
                break
            bubbles.insert(0, turn.text)
        return "".join(bubbles)

    @cached_property
    def requests(self) -> Mapping[str, Form]:
        """What the buyer asks for, by name: of the latest open turn that asks for something a rule knows.

        An unknown question in between (有运费险吧) is what the reply answers, so nothing before it counts.
        """
        if not any(turn.skim and turn.skim.asks for turn in self._turns if turn.role == "buyer"):
            return {}
        for index in self._open:
            turn = self._turns[index]
            if is_idle(self._engine.stances, turn.text):
                continue
            passage = self._passage(turn.text)
            found = self._engine.requests_in(passage, turn.skim.asks) if turn.skim else {}
            if found or asks_something(self._engine.cues, passage):
                return found
        return {}

    @cached_property
    def recalled(self) -> Mapping[str, Form]:
        """What the buyer asked before, if the reply goes back to it: 头一个也行."""
        found: dict[str, Form] = {}
        for turn in self._turns if self._recalls else ():
            if turn.role == "buyer" and turn.skim and turn.skim.asks:
                found.update(self._engine.requests_in(self._passage(turn.text), turn.skim.asks))
        return {name: form for name, form in found.items() if name not in self.requests}


class Engine:
    """A ruleset ready to judge. Immutable."""

    def __init__(
        self, ruleset: Ruleset, folder: Folder, profile: Profile, edges: WordEdges, *, plain: bool = False
    ) -> None:
        self._ruleset = ruleset
        self._folder = folder
        self._profile = profile
        self._word_edges = edges
        self._matches = [
            (rule, match)
            for rule in ruleset.rules
            if not (rule.profile_off and rule.profile_off in profile.facts)
            for match in rule.matches
        ]
        words = (word for node in ruleset.nodes if node.op == "words" for word in node.words)
        self._unmasker = Unmasker(ruleset.spellings, (*ruleset.hidden_words, *words))
        matches = [match for _, match in self._matches]
        self._index = Index(matches, ruleset.asks, ruleset.nodes, self._unmasker.disguises, plain=plain)
        self._clause_edges = Edges(frozenset(ruleset.fillers), frozenset(ruleset.particles))
        self.cues = ruleset.cues
        self.stances = Stances(
            {kind: ruleset.stances[kind] for kind in STANCE_NODES if kind in ruleset.stances},
            {kind: frozenset(words) for kind, words in ruleset.stance_words.items()},
        )

    # -- looking for candidates

    def judge(
        self,
        reply: str,
        history: Sequence[Turn] = (),
        meta: Meta = NO_META,
        moment: Moment = SOME_MOMENT,
        memory: Memory | None = None,
    ) -> Judgement:
        """The findings for a reply in its context. Never raises on any text."""
        index = self._index
        view = self._folder.fold(reply)
        look = self._look(view.text, alone=not history)
        called, asked = look.skim.acts | index.always, False
        turns: list[_Heard] = []
        if history:
            memory = memory if memory is not None else Memory()
            turns = [self._hear(turn, memory) for turn in history[-LOOK_BACK:]]
            for turn in turns:
                if turn.skim is not None:
                    called |= turn.skim.topics
                    asked = asked or bool(turn.skim.asks)
            if turns[-1].skim is None and len(reply) <= _LONGEST_PIECE:
                called |= index.pieces
        if index.moments:
            called |= {number for number in index.moments if self._is_due(number, reply, history, moment)}
        if meta.asker_is_not_the_orderer:
            called |= index.for_others
        if not called and not asked:
            return _NOTHING
        views = self._views(view) if look.masked else [view]
        passages = [self._passage(seen.text, self.entities(seen.text)) for seen in views]
        met = 0
        for passage in passages:
            met |= passage.met
        able = index.able(called, met)
        back = asked and any(recalls(self.stances, passage) for passage in passages)
        scene = _Scene(self, turns, memory or Memory(), meta, (moment.at or "")[:10], recalls=back)
        if asked:
            for request in (*scene.requests, *scene.recalled):
                able |= index.able(index.for_request(request), met)
        sights = list(zip(views, passages, strict=True))
        return self._weigh(reply, sights, scene, sorted(able)) if able else _NOTHING

    def _is_due(self, number: int, reply: str, history: Sequence[Turn], moment: Moment) -> bool:
        """Whether a reply is sent at the moment a match is about."""
        _, match = self._matches[number]
        if match.repeated and repetitions(reply, history) < match.repeated:
            return False
        if match.waited and waiting_seconds(history, moment.at) < match.waited:
            return False
        return moment.opens or not match.opens

    def _look(self, text: str, *, alone: bool = False) -> _Look:
        """A first look at a folded text: a literal scan or two, since most texts call for nothing."""
        index = self._index
        skim = index.skim(text, self._kinds(text), alone=alone)
        bare = squeezed(text)
        if bare == text:
            bare = None
        spelt = skim.disguised or may_spell_out_a_number(text)
        if bare is None and not spelt:
            return _Look(text, skim, masked=False)
        if skim.is_silent and not spelt and bare is not None and index.skim(bare).is_silent:
            return _Look(text, skim, masked=False)
        plain = self._plain(text)
        if plain == text:
            return _Look(text, skim, masked=False)
        seen = index.skim(plain, self._kinds(plain), alone=alone)
        both = Skim(skim.acts | seen.acts, skim.topics | seen.topics, skim.asks | seen.asks, disguised=True)
        return _Look(text, both, masked=True)

    def _kinds(self, text: str) -> Iterable[str]:
        """The kinds of entities in a folded text."""
        if not self._ruleset.vocabulary.may_hold_an_entity(text):
            return ()
        return {entity.kind for entity in self.entities(text)}

    def _views(self, view: View) -> list[View]:
        """The folded view of a reply and, where something is disguised, the one without disguises."""
        unmasked = self._unmasker.unmask(view)
        return [view] if unmasked is None or unmasked.text == view.text else [view, unmasked]

    def _hear(self, turn: Turn, memory: Memory) -> _Heard:
        key = (turn.role, turn.text)
        heard = memory.heard.get(key)
        if heard is None:
            text = self._folder.fold(turn.text).text
            skim = self._look(text).skim if turn.role in ("buyer", "system") else None
            heard = memory.heard[key] = _Heard(turn.role, text, skim)
        return heard

    def _plain(self, text: str) -> str:
        """A folded text with evasive spellings undone."""
        return self._views(View(text))[-1].text

    def passage_of(self, text: str) -> Passage:
        """The passage of a folded text with its evasive spellings undone."""
        plain = self._plain(text)
        return self._passage(plain, self.entities(plain))

    def passages_of(self, reply: str) -> list[tuple[View, Passage]]:
        """The views of a reply as typed, each with its passage."""
        views = self._views(self._folder.fold(reply))
        return [(view, self._passage(view.text, self.entities(view.text))) for view in views]

    def _passage(self, text: str, entities: Sequence[Entity]) -> Passage:
        index = self._index
        hits = index.scan(text)
        found = places(text, hits, index.words, index.latin)
        met = index.met({hit[2] for hit in hits}, {entity.kind for entity in entities})
        return Passage(text, found, entities, self._ruleset.nodes, self._clause_edges, index.needs, met)

    def requests_in(self, passage: Passage, asks: Iterable[int]) -> dict[str, Form]:
        """The requests of a buyer's turn, among some asks; a question in negative form is that first of all."""
        found: dict[str, Form] = {}
        for number in sorted(asks):
            ask = self._ruleset.asks[number]
            if ask.unless >= 0 and passage.has(ask.unless):
                continue
            for span in passage.spans(ask.frame.node):
                odd = sum(1 for _ in denials_over(self.cues, passage, span)) % 2
                if odd:
                    found[ask.request] = "negative"
                else:
                    found.setdefault(ask.request, "positive")
        return found

    def entities(self, text: str) -> tuple[Entity, ...]:
        """Personal data and account shapes in a folded text; the shop's own hotline and addresses are not personal."""
        found = []
        for entity in find_entities(text, self._ruleset.vocabulary):
            words = text[entity.start : entity.end]
            if entity.kind in ("mobile", "landline") and self._profile.is_hotline(words):
                found.append(entity._replace(kind="hotline"))
            elif not (entity.kind == "address" and self._profile.is_own_address(words)):
                found.append(entity)
        return tuple(found)

    def entities_in(self, reply: str) -> tuple[Entity, ...]:
        """Entities of a reply as typed, written-out digits included; offsets into the reply."""
        seen: dict[Extent, Entity] = {}
        for view in self._views(self._folder.fold(reply)):
            for entity in self.entities(view.text):
                start, end = view.span(entity.start, entity.end)
                seen.setdefault((start, end), Entity(entity.kind, start, end))
        return tuple(sorted(seen.values(), key=lambda entity: entity.start))

    # -- weighing them

    def _weigh(
        self, reply: str, sights: Sequence[tuple[View, Passage]], scene: _Scene, called: Iterable[int]
    ) -> Judgement:
        raised: list[Raised] = []
        verdicts: list[Verdict] = []
        seen: set[tuple[int, int, int, str | None]] = set()
        for number in called:
            rule, match = self._matches[number]
            form = self._form(match, scene)
            if match.shorter and len(reply) >= match.shorter:
                continue
            if form is None or not self._is_about(match, sights, scene):
                continue
            for view, passage in sights:
                for candidate in self._candidates(rule, match, passage, form, scene):
                    start, end = _trimmed(reply, *view.span(*candidate.extent))
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
        return Judgement(kept, tuple(dict.fromkeys(verdicts)), elliptic)

    def _form(self, match: Match, scene: _Scene) -> Form | None:
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
    def _is_about(match: Match, sights: Sequence[tuple[View, Passage]], scene: _Scene) -> bool:
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

    def _candidates(
        self, rule: Rule, match: Match, passage: Passage, form: Form, scene: _Scene
    ) -> Iterator[_Candidate]:
        """Where a match could hold in one view of the reply, each with the reason it does not."""
        common: str | None = None
        first = True
        for candidate in islice(self._places(match, passage, form, scene), _MOST_CANDIDATES):
            if first:
                common, first = self._common_reason(rule, match, passage, scene), False
            reason = candidate.reason or common
            if reason is None and rule.exempt is not None:
                start, end = candidate.extent
                if any(start < span.end for span in passage.near(rule.exempt.node, start - _LONGEST_EXCEPTION, end)):
                    reason = "exempt"
            if reason is None and "echoed" in match.unless:
                reason = "echoed" if _echoes(passage.text[slice(*candidate.extent)], scene.typed) else None
            if reason is None:
                span = candidate.span or Span(*candidate.extent)
                reason = reason_to_drop(self.cues, passage, span, match.unless)
            yield candidate._replace(reason=reason)

    @staticmethod
    def _common_reason(rule: Rule, match: Match, passage: Passage, scene: _Scene) -> str | None:
        """What lets every candidate of a match go."""
        override = rule.platforms.get(scene.meta.platform)
        if match.unless_heard is not None and any(heard.has(match.unless_heard.node) for heard in scene.heard):
            return "heard"
        if override is not None and override.severity == "off":
            return "platform"
        if scene.day and not (rule.since or scene.day) <= scene.day <= (rule.until or scene.day):
            return "dates"
        if any(passage.has(frame.node) for frame in rule.clear):
            return "cleared"
        return "cleared" if match.without is not None and passage.has(match.without.node) else None

    def _places(self, match: Match, passage: Passage, form: Form, scene: _Scene) -> Iterator[_Candidate]:
        whole = (0, len(passage.text))
        if match.must is not None:
            said_yes = match.asked and read_stance(self.stances, passage, form).stance == "yes"
            if not said_yes and not passage.has(match.must.node):
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

    def _reading(self, match: Match, passage: Passage, form: Form, scene: _Scene) -> Reading:
        open_still = any(name in scene.requests for name in match.asked)
        return (read_stance if open_still else read_recalled)(self.stances, passage, form)

    def _acts(self, match: Match, act: Frame, passage: Passage) -> Iterator[_Candidate]:
        """The act wherever it stands, judged for its polarity."""
        for span in passage.spans(act.node):
            if match.whole_word and self._word_edges.cuts_a_word(passage.text, span.start, span.end):
                continue
            found = polarity(self.cues, passage, span, match.wanted)
            yield _Candidate(span.mark or (found.start, found.end), span, found.reason)

    def _over_bubbles(self, match: Match, text: str, before: str) -> Iterator[_Candidate]:
        """138 / 1234 / 5678: the frame on the bubbles as one, when it needs this one to be complete."""
        node = match.act.node if match.act is not None else -1
        if self.passage_of(before).has(node):
            return
        joined = self.passage_of(before + text)
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


def repetitions(reply: str, history: Sequence[Turn]) -> int:
    """How often the agent sent the same before, with no word of the buyer in between."""
    count = 0
    for turn in reversed(history):
        if turn.role == "buyer":
            break
        count += turn.role in ("agent", "bot") and turn.text.strip() == reply.strip()
    return count


def waiting_seconds(history: Sequence[Turn], at: str | None) -> float:
    """How long the buyer's oldest unanswered turn has waited at a time; 0 where times are missing or unreadable."""
    asked: str | None = None
    for turn in reversed(history):
        if turn.role in ("agent", "bot"):
            break
        if turn.role == "buyer":
            asked = turn.at
    if asked is None or at is None:
        return 0.0
    try:
        return (datetime.fromisoformat(at) - datetime.fromisoformat(asked)).total_seconds()
    except (ValueError, TypeError):
        return 0.0


def _echoes(words: str, heard: str) -> bool:
    """Whether the buyer has just typed the same: the digits of a number, or the words themselves."""
    digits = _DIGITS.sub("", words)
    return words in heard or (len(digits) >= _TELLING and digits in _DIGITS.sub("", heard))


_DIGITS = re.compile("[^0-9]")
_TELLING = 4


_EDGE = " ,。!?;:\n\t~、，！？；："


def _trimmed(reply: str, start: int, end: int) -> tuple[int, int]:
    """A span without the blanks and signs at its edges."""
    while start < end and reply[start] in _EDGE:
        start += 1
    while end > start and reply[end - 1] in _EDGE:
        end -= 1
    return start, end
