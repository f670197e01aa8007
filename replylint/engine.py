"""Rules against a reply: candidates, what the clause makes of each, and the findings that remain.

A straight pipe. One literal scan over the folded reply (and the buyer's open turns) names the matches that could hold
at all; most replies
end there. For the rest: entities and evasive spellings are read, frames are run, clauses are judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from replylint.answers import Form, Stances, open_turns, read_stance, read_stances
from replylint.clause import Candidate, Cues, read_cues, reason_to_drop
from replylint.frame import ENTITY_CHARS, REACH, Pattern
from replylint.index import Index
from replylint.model import NO_META, Finding, Meta, Role, Severity, Turn, Verdict
from replylint.profile import Profile
from replylint.rule import Match, Rule, Ruleset
from replylint.settle import Raised, is_elliptic, settle
from replylint.text import Folder, Unmasker, View
from replylint.tokens import WordEdges
from replylint.validators import Entity, find_entities, is_bank_card, is_cn_mobile, is_id_card, is_landline

SEARCH_SECONDS = 0.25
"""How long one `regex:` of a pack may run on one reply; after that it counts as not matching."""

_LOOK_BACK = 8
_MOST_CANDIDATES = 40
_SHORT = 600
"""Up to this length a reply is searched as a whole; longer ones only around the words a frame needs."""
_MOST_WINDOWS = 100
_LONGEST_PIECE = 40
"""A bubble that completes something begun in the one before is short."""
_KIND_OF = {char: kind for kind, char in ENTITY_CHARS.items()}
_VALID = {"cn_mobile": is_cn_mobile, "id_card": is_id_card, "bank_card": is_bank_card, "landline": is_landline}


class Judgement(NamedTuple):
    """Everything the rules had to say about a reply: findings in reading order, and every weighed candidate."""

    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...]
    elliptic: frozenset[Finding]
    """Those of the findings whose offence lies in what the buyer asked, not in the words themselves."""


_NOTHING = Judgement((), (), frozenset())


class _Sight:
    """One view of the reply, plain and with its entities marked. Lives for one judgement."""

    def __init__(self, index: Index, view: View, marked: str) -> None:
        self._index = index
        self.view = view
        self.marked = marked

    @cached_property
    def places(self) -> Mapping[str, Sequence[int]]:
        """Where each word that some frame needs begins; only long replies are searched by places."""
        return self._index.places(self.view.text)


class _Scene:
    """What surrounds a reply, each part worked out when a match first asks for it. Lives for one judgement."""

    def __init__(
        self,
        engine: Engine,
        turns: Sequence[tuple[Role, str]],
        asks: Sequence[int],
        idle_asks: Sequence[int],
        meta: Meta,
    ) -> None:
        """`idle_asks` are of requests this reply cannot have answered wrongly; they still close what came before."""
        self._engine = engine
        self._turns = turns
        self._asks = asks
        self._idle_asks = idle_asks
        self.meta = meta

    @cached_property
    def _open(self) -> tuple[int, ...]:
        return open_turns(self._engine.stances, self._turns)

    @cached_property
    def context(self) -> str:
        """The buyer's open turns, oldest first."""
        return "\n".join(self._engine.plain(self._turns[index][1]) for index in reversed(self._open))

    @cached_property
    def heard(self) -> str:
        """Every buyer's and system turn, open or not."""
        return "\n".join(self._engine.plain(text) for role, text in self._turns if role in ("buyer", "system"))

    @cached_property
    def typed(self) -> str:
        """The buyer's turns with nothing marked."""
        return "\n".join(text for role, text in self._turns if role == "buyer")

    @cached_property
    def said(self) -> str:
        """The agent's last bubbles."""
        own = [text for role, text in self._turns if role in ("agent", "bot")]
        return "\n".join(map(self._engine.plain, own[-3:]))

    @cached_property
    def before(self) -> str:
        """The agent's bubbles right before the reply, as one text."""
        bubbles: list[str] = []
        for role, text in reversed(self._turns[-4:]):
            if role not in ("agent", "bot"):
                break
            bubbles.insert(0, text)
        return "".join(bubbles)

    @cached_property
    def requests(self) -> Mapping[str, Form]:
        """What the buyer asks for, by name: of the latest open turn that asks for something a rule knows.

        An unknown question in between (有运费险吧) is what the reply answers, so nothing before it counts.
        """
        if not self._asks:
            return {}
        for index in self._open:
            text = self._turns[index][1]
            if self._engine.stances.idle.match(text):
                continue
            plain = self._engine.plain(text)
            found = self._engine.requests_in(plain, self._asks)
            if found or self._engine.cues.question.search(plain):
                return found
            if index != self._open[-1] and self._engine.requests_in(plain, self._idle_asks):
                return {}
        return {}


class Engine:
    """A ruleset ready to judge. Immutable in effect: regular expressions are compiled when first needed."""

    def __init__(
        self, ruleset: Ruleset, folder: Folder, profile: Profile, edges: WordEdges, *, plain: bool = False
    ) -> None:
        self._ruleset = ruleset
        self._folder = folder
        self._profile = profile
        self._edges = edges
        self._matches = [
            (rule, match)
            for rule in ruleset.rules
            if not (rule.profile_off and rule.profile_off in profile.facts)
            for match in rule.matches
        ]
        self._index = Index([match for _, match in self._matches], ruleset.asks, plain=plain)
        self._unmasker = Unmasker(ruleset.spellings, (*ruleset.hidden_words, *_literals(ruleset)))
        self._compiled: dict[str, re.Pattern[str]] = {}

    @cached_property
    def cues(self) -> Cues:
        """The cue words, compiled."""
        return read_cues(self._ruleset.cues)

    @cached_property
    def stances(self) -> Stances:
        """The stance words, compiled."""
        return read_stances(self._ruleset.stances)

    # -- looking for candidates
    # -----------------------------------------------------------------------------------------------

    def judge(
        self, reply: str, history: Sequence[Turn] = (), meta: Meta = NO_META, *, thorough: bool = False
    ) -> Judgement:
        """The findings for a reply in its context. Never raises on any text.

        The findings are the same either way, but only a `thorough` judgement has a verdict on every candidate:
        otherwise the buyer's turns are not read for requests that the reply cannot have answered wrongly.
        """
        index = self._index
        view = self._folder.fold(reply)
        views = [view]
        unmasked = self._unmasker.unmask(view)
        if unmasked is not None and unmasked.text != view.text:
            views.append(unmasked)
        entities = [self.entities(seen.text) for seen in views]
        called: set[int] = set()
        for seen, found in zip(views, entities, strict=True):
            called |= index.called(seen.text, {entity.kind for entity in found})
        turns = tuple((turn.role, self._folder.fold(turn.text).text) for turn in history[-_LOOK_BACK:])
        asks: Sequence[int] = ()
        if turns:
            from_context, asks = self._heard(turns)
            called |= from_context
            if turns[-1][0] in ("agent", "bot") and len(view.text) <= _LONGEST_PIECE:
                called |= index.pieces
        if meta.asker_is_not_the_orderer:
            called |= index.for_others
        if not called and not asks:
            return _NOTHING
        met = 0
        for seen, found in zip(views, entities, strict=True):
            met |= index.met(seen.text, {entity.kind for entity in found})
        able = set(index.able(called, met))
        if not able and not asks:
            return _NOTHING
        sights = [_Sight(index, seen, _marked(seen.text, found)) for seen, found in zip(views, entities, strict=True)]
        live = asks if thorough or not asks else self._live(asks, sights, met)
        scene = _Scene(self, turns, live, sorted(set(asks).difference(live)), meta)
        for request in scene.requests:
            able.update(index.able(index.for_request(request), met))
        return self._weigh(reply, sights, scene, sorted(able)) if able else _NOTHING

    def _live(self, asks: Sequence[int], sights: Sequence[_Sight], met: int) -> Sequence[int]:
        """Those of the asks that some match could hang on, by the reply's stance and words alone."""
        stances = {
            read_stance(self.stances, sight.marked, form).stance
            for sight in sights
            for form in ("positive", "negative")
        }
        live: dict[str, bool] = {}
        for number in asks:
            request = self._ruleset.asks[number].request
            if request not in live:
                possible = self._index.able(self._index.for_request(request), met)
                answers = (self._matches[match][1].answer for match in possible)
                live[request] = any(not answer or stances.intersection(answer) for answer in answers)
        return [number for number in asks if live[self._ruleset.asks[number].request]]

    def _heard(self, turns: Sequence[tuple[Role, str]]) -> tuple[set[int], Sequence[int]]:
        """Matches called by the buyer's turns, and the asks whose words all occur there."""
        index = self._index
        heard = "\n".join(text for role, text in turns if role in ("buyer", "system"))
        undone = self._unmasker.unmask(View(heard))
        texts = [heard] if undone is None else [heard, undone.text]
        called: set[int] = set()
        asks: set[int] = set()
        kinds = [{entity.kind for entity in self.entities(text)} for text in texts]
        for text, found in zip(texts, kinds, strict=True):
            more_called, more_asks = index.heard(text, found)
            called |= more_called
            asks |= more_asks
        if not called and not asks:
            return called, ()
        met = 0
        for text, found in zip(texts, kinds, strict=True):
            met |= index.met(text, found)
        return index.able_heard(called, met), index.able_asks(asks, met)

    def requests_in(self, text: str, asks: Iterable[int]) -> dict[str, Form]:
        """The requests of a plain buyer's turn, among some asks; a question in negative form is that first of all."""
        found: dict[str, Form] = {}
        for number in asks:
            ask = self._ruleset.asks[number]
            if (ask.request not in found or ask.form == "negative") and self._regex(ask.pattern).search(text):
                found[ask.request] = ask.form
        return found

    def plain(self, text: str) -> str:
        """A folded turn with evasive spellings undone and entities marked."""
        unmasked = self._unmasker.unmask(View(text))
        seen = unmasked.text if unmasked is not None else text
        return _marked(seen, self.entities(seen))

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
        view = self._folder.fold(reply)
        seen: dict[tuple[int, int], Entity] = {}
        for seen_as in (view, self._unmasker.unmask(view)):
            if seen_as is None:
                continue
            for entity in self.entities(seen_as.text):
                start, end = seen_as.span(entity.start, entity.end)
                seen.setdefault((start, end), Entity(entity.kind, start, end))
        return tuple(sorted(seen.values(), key=lambda entity: entity.start))

    # -- weighing them
    # --------------------------------------------------------------------------------------------------------

    def _weigh(self, reply: str, sights: Sequence[_Sight], scene: _Scene, called: Iterable[int]) -> Judgement:
        raised: list[Raised] = []
        verdicts: list[Verdict] = []
        seen: set[tuple[str, int, int, str | None]] = set()
        for number in called:
            rule, match = self._matches[number]
            for view, start, end, reason in self._candidates(rule, match, sights, scene):
                first, last = _trimmed(reply, *view.span(start, end))
                if first >= last or (rule.id, first, last, reason) in seen:
                    continue
                seen.add((rule.id, first, last, reason))
                verdicts.append(Verdict(rule.id, match.source, first, last, reply[first:last], reason))
                if reason is None:
                    trick = view.trick(first, last)
                    raised.append(
                        Raised(self._finding(rule, match, reply, first, last, trick, scene.meta), rule, match)
                    )
        kept, yielded = settle(raised)
        if yielded:
            lost = {(item.finding.rule, item.finding.start, item.finding.end) for item in yielded}
            verdicts = [
                verdict._replace(reason="yielded")
                if verdict.reason is None and (verdict.rule, verdict.start, verdict.end) in lost
                else verdict
                for verdict in verdicts
            ]
        elliptic = frozenset(item.finding for item in raised if is_elliptic(item.match))
        return Judgement(kept, tuple(dict.fromkeys(verdicts)), elliptic)

    def _candidates(
        self, rule: Rule, match: Match, sights: Sequence[_Sight], scene: _Scene
    ) -> Iterator[tuple[View, int, int, str | None]]:
        override = rule.platforms.get(scene.meta.platform)
        if "other_account" in match.when and not scene.meta.asker_is_not_the_orderer:
            return
        form: Form = "positive"
        if match.asked:
            forms = [scene.requests[name] for name in match.asked if name in scene.requests]
            if not forms or (match.form and match.form not in forms):
                return
            form = "negative" if "negative" in forms else "positive"
        if match.heard and not any(self._regex(pattern).search(scene.heard) for pattern in match.heard):
            return
        if match.said and not self._regex(match.said).search(scene.said):
            return
        for sight in sights:
            if match.about and not (
                self._regex(match.about).search(sight.marked) or self._regex(match.about).search(scene.context)
            ):
                continue
            cleared: bool | None = None
            was_heard = False
            for candidate in self._places(match, sight, form, scene):
                reason: str | None = None
                if cleared is None:
                    was_heard = any(self._regex(pattern).search(scene.heard) for pattern in match.unless_heard)
                    clearing = (*rule.clear, *match.without)
                    cleared = any(self._regex(pattern).search(sight.marked) for pattern in clearing)
                if candidate.gaps == _WRONG_ANSWER:
                    reason = "answer"
                elif was_heard:
                    reason = "heard"
                elif override is not None and override.severity == "off":
                    reason = "platform"
                elif rule.exempt is not None and _overlaps(self._regex(rule.exempt), sight.marked, candidate):
                    reason = "exempt"
                elif cleared:
                    reason = "cleared"
                elif "echoed" in match.unless and _echoes(
                    sight.view.text[candidate.start : candidate.end], scene.typed
                ):
                    reason = "echoed"
                else:
                    reason = reason_to_drop(self.cues, sight.marked, candidate, match.unless)
                yield sight.view, candidate.start, candidate.end, reason

    def _places(self, match: Match, sight: _Sight, form: Form, scene: _Scene) -> Iterator[Candidate]:
        """Where a match could hold in one view."""
        text = sight.view.text
        if match.answer:
            reading = read_stance(self.stances, sight.marked, form)
            if reading.stance not in match.answer:
                end = reading.end or len(text)
                if match.say is None:
                    yield Candidate(reading.start, end, _WRONG_ANSWER)
                return
            if match.say is None and not match.must:
                start, end = (reading.start, reading.end) if reading.end else (0, len(text))
                yield Candidate(start, end)
                return
        if match.must:
            said_yes = match.asked and read_stance(self.stances, sight.marked, form).stance == "yes"
            if not said_yes and not any(self._regex(pattern).search(sight.marked) for pattern in match.must):
                yield Candidate(0, len(text))
            return
        if match.say is not None:
            if match.pieces and scene.before:
                yield from self._over_bubbles(match.say, text, scene.before)
            yield from self._frames(match, match.say, sight)
        elif match.search is not None:
            yield from self._searches(match, match.search, text)
        elif not match.answer:
            yield Candidate(0, len(text))

    def _frames(self, match: Match, pattern: Pattern, sight: _Sight) -> Iterator[Candidate]:
        compiled = self._regex(pattern)
        found_so_far = 0
        for at, end in self._windows(pattern, sight):
            while found_so_far < _MOST_CANDIDATES:
                found = compiled.search(sight.marked, at, end)
                if found is None:
                    break
                found_so_far += 1
                candidate = _candidate(found)
                at = found.start() + 1
                if candidate.start >= candidate.end or (
                    match.whole_word and self._edges.cuts_a_word(sight.marked, candidate.start, candidate.end)
                ):
                    continue
                yield candidate
                if reason_to_drop(self.cues, sight.marked, candidate, match.unless) is None:
                    at = max(at, found.end())

    def _windows(self, pattern: Pattern, sight: _Sight) -> Iterator[tuple[int, int]]:
        """Where a frame can match at all: anywhere in a short text, around the rarest word it needs in a long one."""
        length = len(sight.marked)
        words = pattern.anchor
        if length <= _SHORT or not words or words & _KIND_OF.keys():
            yield 0, length
            return
        last = 0
        starts = sorted(at for word in words for at in sight.places.get(word, ()))
        for at in starts[:_MOST_WINDOWS]:
            first, end = max(last, at - REACH), min(length, at + 2 * REACH)
            if first < end:
                yield first, end
                last = max(last, at + REACH)

    def _over_bubbles(self, pattern: Pattern, text: str, before: str) -> Iterator[Candidate]:
        """138 / 1234 / 5678: the frame on the bubbles as one, when it needs this one to be complete."""
        joined = self._joined(before + text)
        offset = len(joined) - len(text)
        if offset < 0 or self._regex(pattern).search(self._joined(before)):
            return
        found = self._regex(pattern).search(joined)
        if found is not None and found.end() > offset:
            yield Candidate(max(0, found.start() - offset), found.end() - offset)

    def _joined(self, text: str) -> str:
        return _marked(text, self.entities(text))

    def _searches(self, match: Match, pattern: Pattern, text: str) -> Iterator[Candidate]:
        import regex  # slow to import, and only packs with a `regex:` match need it

        try:
            for found in regex.finditer(pattern.regex, text, timeout=SEARCH_SECONDS):
                if found.end() > found.start() and (not match.valid or _VALID[match.valid](found.group())):
                    yield Candidate(found.start(), found.end())
        except TimeoutError:
            return

    def _regex(self, pattern: Pattern) -> re.Pattern[str]:
        compiled = self._compiled.get(pattern.regex)
        if compiled is None:
            compiled = self._compiled[pattern.regex] = re.compile(pattern.regex)
        return compiled

    # -- the findings
    # ---------------------------------------------------------------------------------------------------------

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


def _literals(ruleset: Ruleset) -> Iterator[str]:
    """Every word some frame needs: symbols pushed into any of them (税.点) are seen through."""
    patterns = [pattern for rule in ruleset.rules for match in rule.matches for pattern in (match.say, match.about)]
    for pattern in (*patterns, *(ask.pattern for ask in ruleset.asks)):
        if pattern is not None:
            yield from pattern.needs.literals()


_WRONG_ANSWER = ((-1, -1),)
"""Marks a candidate of an `answer` match whose reply took the other stance; it is kept only to be explained."""


def _marked(text: str, entities: Iterable[Entity]) -> str:
    """The text with every character of an entity replaced by the character that stands for its kind."""
    chars: list[str] | None = None
    for kind, start, end in entities:
        chars = chars if chars is not None else list(text)
        chars[start:end] = ENTITY_CHARS[kind] * (end - start)
    return text if chars is None else "".join(chars)


def _candidate(found: re.Match[str]) -> Candidate:
    start, end = found.span("mark") if "mark" in found.re.groupindex and found["mark"] is not None else found.span()
    named = found.re.groupindex.values()
    gaps = tuple(
        found.span(number)
        for number in range(1, (found.re.groups or 0) + 1)
        if number not in named and found.span(number)[0] >= 0
    )
    return Candidate(start, end, tuple(gap for gap in gaps if gap[1] > gap[0]))


def _overlaps(pattern: re.Pattern[str], text: str, candidate: Candidate) -> bool:
    first = max(0, candidate.start - 20)
    return any(
        found.start() < candidate.end and candidate.start < found.end()
        for found in pattern.finditer(text, first, candidate.end + 20)
    )


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
