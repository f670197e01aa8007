"""Reading texts: what a text could hold at a first look, and the passages in which rules look for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from replylint.answers import STANCE_NODES, Form, Stances
from replylint.clause import denials_over
from replylint.index import Index, Skim
from replylint.passage import Edges, Extent, Passage, places
from replylint.profile import Profile
from replylint.rule import Match, Ruleset
from replylint.text import Folder, Unmasker, View, may_spell_out_a_number, squeezed
from replylint.validators import Entity, find_entities


class Look(NamedTuple):
    """A text at a first look: what could hold in it, and whether something in it is disguised."""

    skim: Skim
    masked: bool


class Reader:
    """Reads texts with the words of a ruleset and the numbers and addresses of a shop; immutable."""

    def __init__(
        self, ruleset: Ruleset, matches: Sequence[Match], folder: Folder, profile: Profile, *, plain: bool = False
    ) -> None:
        """`matches` are those that may be called, by their places in the sequence."""
        self._ruleset = ruleset
        self._folder = folder
        self._profile = profile
        words = (word for node in ruleset.nodes if node.op == "words" for word in node.words)
        self._unmasker = Unmasker(ruleset.spellings, (*ruleset.hidden_words, *words), ruleset.hidden_words)
        self.index = Index(matches, ruleset.asks, ruleset.nodes, self._unmasker.disguises, plain=plain)
        self._edges = Edges(frozenset(ruleset.fillers), frozenset(ruleset.particles))
        self.cues = ruleset.cues
        self.stances = Stances(
            {kind: ruleset.stances[kind] for kind in STANCE_NODES if kind in ruleset.stances},
            {kind: frozenset(words) for kind, words in ruleset.stance_words.items()},
        )

    def fold(self, text: str) -> View:
        """The folded view of a text as typed."""
        return self._folder.fold(text)

    def look(self, text: str, *, alone: bool = False) -> Look:
        """A first look at a folded text: a literal scan or two, since most texts call for nothing."""
        index = self.index
        skim = index.skim(text, self._kinds(text), alone=alone)
        spelt = skim.disguised or may_spell_out_a_number(text)
        bare = squeezed(text)
        apart = bare is not None and bare != text and not (skim.is_silent and index.skim(bare).is_silent)
        plain = self._plain(text) if spelt or apart else text
        if plain == text:
            return Look(skim, masked=False)
        seen = index.skim(plain, self._kinds(plain), alone=alone)
        both = Skim(skim.acts | seen.acts, skim.topics | seen.topics, skim.asks | seen.asks, disguised=True)
        return Look(both, masked=True)

    def _kinds(self, text: str) -> Iterable[str]:
        """The kinds of entities in a folded text."""
        if not self._ruleset.vocabulary.may_hold_an_entity(text):
            return ()
        return {entity.kind for entity in self.entities(text)}

    def views(self, view: View) -> list[View]:
        """The folded view of a reply and, where something is disguised, the one without disguises."""
        unmasked = self._unmasker.unmask(view)
        return [view] if unmasked is None or unmasked.text == view.text else [view, unmasked]

    def _plain(self, text: str) -> str:
        """A folded text with evasive spellings undone."""
        return self.views(View(text))[-1].text

    def passage_of(self, text: str) -> Passage:
        """The passage of a folded text with its evasive spellings undone."""
        return self.passage(self._plain(text))

    def passages_of(self, reply: str) -> list[tuple[View, Passage]]:
        """The views of a reply as typed, each with its passage."""
        views = self.views(self._folder.fold(reply))
        return [(view, self.passage(view.text)) for view in views]

    def passage(self, text: str) -> Passage:
        """The passage of a folded text as it stands."""
        index, entities = self.index, self.entities(text)
        hits = index.scan(text)
        found = places(text, hits, index.words, index.latin)
        met = index.met({hit[2] for hit in hits}, {entity.kind for entity in entities})
        return Passage(text, found, entities, self._ruleset.nodes, self._edges, index.needs, met)

    def requests_in(self, passage: Passage, asks: Iterable[int]) -> dict[str, Form]:
        """The requests of a buyer's turn, among some asks; a question in negative form is that first of all."""
        found: dict[str, Form] = {}
        for number in sorted(asks):
            ask = self._ruleset.asks[number]
            for span in passage.spans(ask.frame.node):
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
