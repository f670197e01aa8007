"""Reading texts: what a text could hold at a first look, and the passages in which rules look for it."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple

from replylint.answers import STANCE_NODES, Form, Stances, taken_back
from replylint.characters import LEAST_DIGITS, SYMBOL, digits_in
from replylint.clause import denials_over
from replylint.index import Index, Skim
from replylint.lexis import Known, Lexis
from replylint.passage import Edges, Extent, Passage, Passages
from replylint.profile import Profile
from replylint.rule import Ask, Ruleset
from replylint.sound import Ear
from replylint.text import Folder, Unmasker, View, may_spell_out_a_number, squeezed, stretches
from replylint.validators import Entity, find_entities


class Sight(NamedTuple):
    """A view of a text with what a first look at it shows."""

    view: View
    skim: Skim


_Skimmer = Callable[[str, Sequence[Entity], int], Skim]


class Reader:
    """Reads texts with the words of a ruleset and the numbers and addresses of a shop; immutable."""

    def __init__(
        self,
        ruleset: Ruleset,
        off: AbstractSet[int],
        folder: Folder,
        profile: Profile,
        *,
        plain: bool = False,
    ) -> None:
        """Matches that are `off`, by their numbers, are never called."""
        self._ruleset = ruleset
        self._folder = folder
        self._profile = profile
        plan = ruleset.plan
        if plan is None:
            from replylint.plan import planned  # stored rulesets have one

            plan = planned(ruleset)
        self._lexis = Lexis(plan.words, plan.nodes, plain=plain)
        self._ear = Ear(ruleset.hearing)
        self.index = Index(plan, self._lexis, off)
        self._asks: Known[int, Ask] = Known(ruleset.asks.__getitem__)
        self._passages = Passages(self._lexis, Edges(frozenset(ruleset.fillers), frozenset(ruleset.particles)))
        self.cues = ruleset.cues
        self.stances = Stances(
            {kind: ruleset.stances[kind] for kind in STANCE_NODES if kind in ruleset.stances},
            {kind: frozenset(words) for kind, words in ruleset.stance_words.items()},
        )

    @cached_property
    def _unmasker(self) -> Unmasker:
        """Made when a text may hide something, which most do not."""
        hidden = self._ruleset.hidden_words
        return Unmasker(self._ruleset.spellings, (*hidden, *self._ruleset.words), hidden, self._ear)

    def fold(self, text: str) -> View:
        """The folded view of a text as typed."""
        return self._folder.fold(text)

    def look_at_reply(self, view: View) -> list[Sight]:
        """A first look at a folded reply, as typed and, around whatever is disguised in it, without the disguise."""
        return self._sights(view, self.index.skim_reply, stretches)

    def look_at_turn(self, view: View) -> list[Sight]:
        """A first look at a buyer's or system turn, as typed and, where something is disguised, without disguises."""
        return self._sights(view, self.index.skim_turn)

    def _sights(
        self, view: View, skim: _Skimmer, shown: Callable[[View], Iterable[View]] = lambda view: (view,)
    ) -> list[Sight]:
        """A first look at a text and at what is `shown` of it without disguises."""
        seen = self._folder.glance(view.text)
        first = Sight(view, self._skim(view.text, seen, skim))
        if not self._may_hide(view.text, seen, first.skim):
            return [first]
        plain = [part for whole in self.views(view)[1:] for part in shown(whole)]
        return [first, *(Sight(part, self._looked_at(part.text, skim)) for part in plain)]

    def _looked_at(self, text: str, skim: _Skimmer) -> Skim:
        return self._skim(text, self._folder.glance(text), skim)

    def _skim(self, text: str, seen: int, skim: _Skimmer) -> Skim:
        """A first look at a text in which some kinds of characters were seen."""
        digits = digits_in(seen)
        if digits >= LEAST_DIGITS or self._ruleset.vocabulary.may_hold_an_entity(text, seen):
            return skim(text, self.entities(text), digits)
        return skim(text, (), 0)

    def _may_hide(self, text: str, seen: int, skim: Skim) -> bool:
        """Whether a text may hold a word in disguise, a number written out, or words pushed apart (微*信)."""
        if skim.hidden or may_spell_out_a_number(text, digits_in(seen)) or self._ear.hears(text):
            return True
        if not seen & SYMBOL:
            return False
        bare = squeezed(text)
        return bare != text and (self._ear.hears(bare) or skim.words.is_less_than(self._lexis.words_of(bare)))

    def views(self, view: View) -> list[View]:
        """The folded view of a reply and, where something is disguised, the one without disguises."""
        unmasked = self._unmasker.unmask(view)
        return [view] if unmasked is None or unmasked.text == view.text else [view, unmasked]

    def passage_of(self, text: str) -> Passage:
        """The passage of a folded text with its evasive spellings undone."""
        return self.passage(self._sights(View(text), self.index.skim_reply)[-1])

    def as_typed(self, reply: str) -> tuple[View, Passage]:
        """A reply before folding, with its passage."""
        view = View(reply)
        return view, self.passage(Sight(view, self._looked_at(reply, self.index.skim_reply)))

    def passage(self, sight: Sight) -> Passage:
        """The passage of a text as it was seen."""
        skim = sight.skim
        return self._passages.of(sight.view.text, skim.words, skim.entities)

    def made_in(self, passage: Passage, asks: Iterable[int]) -> set[int]:
        """Those of some asks whose frames hold in a buyer's turn."""
        return {number for number in asks if passage.has(self._asks[number].frame.node)}

    def requests_in(self, passage: Passage, asks: Iterable[int]) -> dict[str, Form]:
        """The requests of a buyer's turn, among some asks; a question in negative form is that first of all."""
        found: dict[str, Form] = {}
        void = taken_back(self.stances, passage)
        for number in sorted(asks):
            ask = self._asks[number]
            for span in passage.spans(ask.frame.node):
                if span.start < void:
                    continue
                # 不开发票?能加个微信吗: what rules a request out stands in its own clause.
                if ask.unless >= 0 and passage.near(ask.unless, *passage.clause(span.start, span.end)):
                    continue
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
        for view in self.views(self._folder.fold(reply)):
            for entity in self.entities(view.text):
                start, end = view.span(entity.start, entity.end)
                seen.setdefault((start, end), Entity(entity.kind, start, end))
        return tuple(sorted(seen.values(), key=lambda entity: entity.start))
