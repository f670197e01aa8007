"""From YAML to rules, or to every problem in it.

One file is one pack, or the shared `lexicon.yaml`. A pack set is read as a whole: concepts and requests of one file
may be used by the
others. Nothing is matched here, and nothing that is wrong is skipped: any problem means no rules at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, cast

from replylint.answers import STANCE_KINDS, STANCE_NODES, STANCE_WORDS, STANCES, Form, Stance
from replylint.clause import CUE_KINDS, FEATURES, POLARITIES, USUAL_FEATURES, Wanted
from replylint.frame import Concept, Frame, FrameError, Grammar
from replylint.located import (
    Node,
    boolean,
    check_keys,
    mapping,
    one_of,
    parse,
    strings,
    text,
    whole,
)
from replylint.model import PLATFORMS, SEVERITIES, Role, Turn
from replylint.rarity import Cost, cost_of
from replylint.rule import Ask, Caller, Edit, Example, Fix, Match, Override, Pack, Rule, Ruleset, Source, Ways
from replylint.search import required_words
from replylint.sound import Sounds, SoundTable, hearing_of
from replylint.source import Mark, Problem, RulePackError, SourceFile, did_you_mean, digest
from replylint.text import Spelling
from replylint.validators import Vocabulary
from replylint.ways import Need, Way, WayFinder

LANGUAGES = ("zh", "en")
CONFIDENCES = ("high", "medium", "low")
CONDITIONS = ("other_account",)
"""What `when:` may ask: `other_account`, the asker is known not to be the one who ordered."""

BECAUSE = (
    *POLARITIES,
    *FEATURES,
    "echoed",
    "dates",
    "heard",
    "exempt",
    "cleared",
    "answer",
    "no-act",
    "said",
    "platform",
    "profile",
    "yielded",
    "when",
)
"""Why a good example is fine: a clause feature, an exception, a clearing phrase, the other answer, or words without
the act.
"""

VALIDATORS = ("cn_mobile", "id_card", "bank_card", "landline")
TRICKS = ("homophone", "pinyin", "look-alike", "slang", "abbreviation", "emoji", "split character")

_PACK_KEYS = (
    "pack", "title", "about", "concepts", "requests", "rules",
)  # fmt: skip
_LEXICON_KEYS = (
    "lexicon", "about", "cues", "stances", "fillers", "particles", "concepts", "requests", "spellings",
    "sounds_alike", "vocabulary", "slots", "domain_words",
)  # fmt: skip
_RULE_KEYS = (
    "id", "aliases", "title", "severity", "points", "confidence", "message", "why", "sources", "platforms",
    "since", "until", "match", "unless", "except", "clear", "yields_to", "profile_off", "fix", "note", "bad",
    "good",
)  # fmt: skip
_MATCH_KEYS = (
    "say", "deny", "utter", "regex", "must", "asked", "form", "answer", "about", "heard", "unless_heard", "said",
    "unless_said", "without", "pieces", "when", "shorter", "longer", "repeated", "opens", "closes", "waited", "valid",
    "unless", "also_unless", "whole_word", "severity", "points", "confidence", "note", "as_typed",
)  # fmt: skip
_SHOWN_KEYS = _MATCH_KEYS[: _MATCH_KEYS.index("valid")]
_ACTS: Mapping[str, Wanted] = {"say": "affirmed", "deny": "refused", "utter": "either"}
"""The keys for an act, and what it must be."""
_MOMENTS = {"repeated", "opens", "closes", "waited"}
"""Keys that say when a reply is sent."""
_SUFFICIENT = {"longer", *_MOMENTS}
"""A match with one of these keys needs nothing else, and no word to hang on."""
_EXAMPLE_KEYS = ("say", "buyer", "turns", "meta", "at", "opens", "closes", "fix", "because", "note")
_TURN = re.compile(r"(?P<role>buyer|agent|bot|system)(?:@(?P<at>\S+))?: (?P<text>.*)", re.DOTALL)
_ID = re.compile(r"[a-z]+/[a-z0-9]+(-[a-z0-9]+)*\Z")
_SLOT = re.compile(r"\{([^{}]*)\}")


def load(
    sources: Sequence[SourceFile],
    fold: Callable[[str], str] = str,
    cost: Cost = cost_of({}),  # noqa: B008
    table: SoundTable = SoundTable(),  # noqa: B008
) -> Ruleset:
    """The rules of a pack set (lexicon and packs in any order); raises RulePackError with every problem.

    `fold` brings the packs' words into the form in which replies are matched; it must keep lengths. `cost` says how
    common words are, `table` how characters are read.
    """
    return _Loader(sources, fold, cost, table).load()


class _File(NamedTuple):
    path: str
    root: Mapping[str, Node]
    node: Node


class _Loader:
    """Collects problems while it reads; lives for one `load`."""

    def __init__(
        self, sources: Sequence[SourceFile], fold: Callable[[str], str], cost: Cost, table: SoundTable
    ) -> None:
        self._cost = cost
        self._table = table
        self._sources = sources
        self._fold = fold
        self._problems: list[Problem] = []
        self._grammar = self._scratch = Grammar({})
        self._finder = WayFinder(self._grammar.node, cost)
        self._concepts: dict[str, Concept] = {}
        self._requests: set[str] = set()
        self._asked: set[str] = set()
        self._slots: dict[str, str] = {}
        self._stances: Mapping[str, Concept] = {}

    def load(self) -> Ruleset:
        files = [file for source in self._sources if (file := self._file(source)) is not None]
        lexicons = [file for file in files if "lexicon" in file.root]
        packs = [file for file in files if "lexicon" not in file.root]
        for file in lexicons:
            check_keys(file.node, _LEXICON_KEYS, self._problems, "the lexicon")
        for file in packs:
            check_keys(file.node, _PACK_KEYS, self._problems, "a pack")
        if not lexicons and not self._problems:
            self._problems.append(
                Problem(Mark("rules", 1, 1), "no lexicon among the files (a file with the key 'lexicon')")
            )
        lexicon = lexicons[0].root if lexicons else {}
        for extra in lexicons[1:]:
            self._say(extra.node, f"a second lexicon; the first is {lexicons[0].path}")
        before = len(self._problems)
        self._read_concepts(files)
        self._grammar = Grammar(self._concepts, self._fold)
        self._finder = WayFinder(self._grammar.node, self._cost)
        # Phrases are tried by themselves to tell where a mistake stands; the rules' table is kept free of that.
        self._scratch = Grammar(self._concepts, self._fold)
        self._check_concepts(files)
        if len(self._problems) > before:
            # Broken concepts would be reported again by every frame that uses them.
            raise RulePackError(sorted(self._problems, key=lambda problem: problem.mark))
        self._slots = {key: text(node, self._problems) or "" for key, node in self._entries(lexicon.get("slots"))}
        asks = self._asks(files)
        cues = self._lists(lexicon.get("cues"), CUE_KINDS, "cues")
        stances = self._stances = self._lists(lexicon.get("stances"), STANCE_KINDS, "stances")
        spellings, hidden = self._spellings(lexicon.get("spellings"))
        by_sound, sounds = self._sounds_alike(lexicon.get("sounds_alike"))
        vocabulary = self._vocabulary(lexicon.get("vocabulary"))
        words = tuple(self._list(lexicon.get("domain_words")))
        read = tuple(pack for file in packs if (pack := self._pack(file)) is not None)
        # Another pack of the set may use what this one defines, so all are read before.
        read = tuple(pack._replace(unused=self._unused(file)) for pack, file in zip(read, packs, strict=False))
        self._check_ids(read)
        if self._problems:
            raise RulePackError(sorted(self._problems, key=lambda problem: problem.mark))
        cue_nodes = {kind: self._node(cues[kind]) for kind in CUE_KINDS}
        stance_nodes = {kind: self._node(stances[kind]) for kind in STANCE_NODES}
        return Ruleset(
            packs=read,
            asks=asks,
            nodes=self._grammar.nodes,
            cues=cue_nodes,
            stances=stance_nodes,
            stance_words={kind: tuple(map(self._fold, stances[kind].phrases)) for kind in STANCE_WORDS},
            fillers=tuple(map(self._fold, self._list(lexicon.get("fillers")))),
            particles=tuple(map(self._fold, self._list(lexicon.get("particles")))),
            # What is listed by hand comes last and counts.
            spellings=(*by_sound, *spellings),
            hidden_words=hidden,
            hearing=hearing_of(sounds),
            vocabulary=vocabulary,
            slots=self._slots,
            domain_words=words,
            digest=digest(self._sources),
        )

    # -- small helpers
    # --------------------------------------------------------------------------------------------------------

    def _say(self, node: Node | Mark, message: str) -> None:
        mark = node.mark if isinstance(node, Node) else node
        self._problems.append(Problem(mark, message))

    def _file(self, source: SourceFile) -> _File | None:
        node, problems = parse(source.text, source.path)
        self._problems.extend(problems)
        if node is None or node.value is None:
            if not problems:
                self._problems.append(Problem(Mark(source.path, 1, 1), "the file is empty"))
            return None
        return _File(source.path, mapping(node, self._problems), node)

    def _list(self, node: Node | None) -> tuple[str, ...]:
        return tuple(strings(node, self._problems) or ()) if node is not None else ()

    def _entries(self, node: Node | None) -> list[tuple[str, Node]]:
        return list((mapping(node, self._problems) or {}).items()) if node is not None else []

    def _items(self, node: Node | None) -> tuple[Node, ...]:
        """The items of a list; a single value counts as a list of one."""
        if node is None:
            return ()
        return node.value if isinstance(node.value, tuple) else (node,)

    def _frame(self, node: Node) -> Frame | None:
        """A frame, or a problem at its very column."""
        source = text(node, self._problems)
        return self._translate(source, node.mark, self._grammar) if source else None

    def _translate(self, source: str, mark: Mark, grammar: Grammar) -> Frame | None:
        try:
            return grammar.translate(source)
        except FrameError as error:
            message = str(error)
            unknown = re.search(r"unknown concept \{(.+)\}", message)
            hint = did_you_mean(unknown[1], self._concepts) if unknown else ""
            self._say(mark, f"{message}{hint} (in {source!r}, character {error.at + 1})")
            return None

    def _frames(self, node: Node | None) -> tuple[Frame, ...]:
        return tuple(frame for item in self._items(node) if (frame := self._frame(item)) is not None)

    def _any_of(self, node: Node | None) -> Frame | None:
        """A list of frames as one."""
        frames = self._frames(node)
        return self._grammar.either(frames) if frames else None

    def _languages(self, node: Node | None, owner: Node, what: str, *, required: bool = True) -> Mapping[str, str]:
        if node is None:
            if required:
                self._say(owner, f"{what} is missing")
            return {}
        check_keys(node, LANGUAGES, self._problems, what)
        found = {key: text(value, self._problems) or "" for key, value in self._entries(node)}
        for language in LANGUAGES:
            if language not in found:
                self._say(node, f"{what} has no {language} text")
        return found

    # -- the shared lexicon
    # ---------------------------------------------------------------------------------------------------

    def _read_concepts(self, files: Sequence[_File]) -> None:
        for file in files:
            for name, node in self._entries(file.root.get("concepts")):
                if name in self._concepts:
                    self._say(node, f"concept {name} is defined twice")
                self._concepts[name] = self._concept(name, node, f"concept {name}")

    def _concept(self, name: str, node: Node, what: str) -> Concept:
        """A list of phrases, or `any:` with the longer words (`not:`) in which they mean nothing."""
        if not isinstance(node.value, Mapping):
            return Concept(name, self._list(node))
        check_keys(node, ("any", "not", "note"), self._problems, what)
        entries = dict(self._entries(node))
        return Concept(name, self._list(entries.get("any")), self._list(entries.get("not")))

    def _check_concepts(self, files: Sequence[_File]) -> None:
        """Each phrase is translated once by itself, so that a mistake is reported where it stands."""
        for file in files:
            for _name, node in self._entries(file.root.get("concepts")):
                self._check_phrases(node)

    def _check_phrases(self, node: Node) -> None:
        parts = node.value if isinstance(node.value, Mapping) else {"any": node}
        for key in ("any", "not"):
            for item in self._items(parts.get(key)):
                source = text(item, self._problems)
                if source:
                    self._translate(source, item.mark, self._scratch)

    def _lists(self, node: Node | None, kinds: Sequence[str], what: str) -> Mapping[str, Concept]:
        """The word lists of a section of the lexicon; every kind must be there."""
        entries = dict(self._entries(node))
        if node is None:
            self._problems.append(Problem(Mark("rules", 1, 1), f"the lexicon has no {what}"))
        else:
            check_keys(node, kinds, self._problems, what)
            for kind in kinds:
                if kind not in entries:
                    self._say(node, f"{what} has no {kind}")
        for kind in kinds:
            if kind in entries:
                self._check_phrases(entries[kind])
        return {
            kind: self._concept(kind, entries[kind], kind) if kind in entries else Concept(kind, ()) for kind in kinds
        }

    def _node(self, concept: Concept) -> int:
        """The node of a word list; its phrases were checked before."""
        return self._grammar.any_of(concept.phrases, concept.benign) if not self._problems else -1

    def _asks(self, files: Sequence[_File]) -> tuple[Ask, ...]:
        asks: list[Ask] = []
        for file in files:
            for name, node in self._entries(file.root.get("requests")):
                if name in self._requests:
                    self._say(node, f"request {name} is defined twice")
                self._requests.add(name)
                check_keys(node, ("ask", "not", "note"), self._problems, f"request {name}")
                entries = dict(self._entries(node))
                if "ask" not in entries:
                    self._say(node, f"request {name} has no ask")
                unless = self._any_of(entries.get("not"))
                for item in self._items(entries.get("ask")):
                    frame = self._frame(item)
                    if frame is not None and self._is_anchored(item, frame):
                        asks.append(Ask(name, frame, self._finder.of(frame.node), unless.node if unless else -1))
        return tuple(asks)

    def _is_anchored(self, node: Node, *frames: Frame | None) -> bool:
        """Whether there is a word to look for; without one every reply would have to be searched."""
        anchored = any(frame is not None and all(self._finder.of(frame.node)) for frame in frames)
        if not anchored and not self._problems:
            self._say(node, "needs at least one word, concept or entity that must occur")
        return anchored

    def _spellings(self, node: Node | None) -> tuple[tuple[Spelling, ...], tuple[str, ...]]:
        """`spellings:` maps a word to ways of writing its characters and to whole disguises; every mixture is
        listed.
        """
        spellings: dict[str, Spelling] = {}
        hidden: list[str] = []
        for word, entry in self._entries(node):
            check_keys(entry, ("sounds", "whole", "not", "separators", "trick"), self._problems, f"spelling of {word}")
            parts = dict(self._entries(entry))
            benign = set(self._list(parts.get("not")))
            sounds = {char: self._list(value) for char, value in self._entries(parts.get("sounds"))}
            if "separators" not in parts or boolean(parts["separators"], self._problems):
                hidden.append(word)
            mixtures = [""]
            for char in word:
                mixtures = [done + option for done in mixtures for option in (char, *sounds.get(char, ()))]
            for disguise in mixtures:
                disguise = self._fold(disguise)
                if disguise != word and disguise not in benign:
                    trick = "pinyin" if re.search("[a-z]", disguise) else "homophone"
                    spellings.setdefault(disguise, Spelling(disguise, word, trick))
            for word_beside in benign:
                folded = self._fold(word_beside)
                spellings[folded] = Spelling(folded, "", "")
            for disguise in self._list(parts.get("whole")):
                folded = self._fold(disguise)
                spellings.setdefault(folded, Spelling(folded, word, "slang"))
        return tuple(spellings.values()), tuple(hidden)

    def _sounds_alike(self, node: Node | None) -> tuple[tuple[Spelling, ...], Sounds]:
        """`sounds_alike:` lists words that are hidden by a homophone or in pinyin; those in letters are listed, those
        by sound are heard.
        """
        if node is None:
            return (), Sounds()
        check_keys(node, ("any", "pinyin", "not"), self._problems, "sounds_alike")
        entries = dict(self._entries(node))
        words, in_letters, harmless = (
            [self._fold(word) for word in self._list(entries.get(key))] for key in ("any", "pinyin", "not")
        )
        for word in (*words, *in_letters):
            if len(word) < 2:
                self._say(node, f"{word}: a single character sounds like too many others")
        written = [
            Spelling(letters, word, "pinyin")
            for word in (*words, *in_letters)
            for letters in self._table.in_letters(word)
        ]
        return (*written, *(Spelling(word, "", "") for word in harmless)), self._table.of(words)

    def _vocabulary(self, node: Node | None) -> Vocabulary:
        fields = list(Vocabulary().words())
        if node is None:
            return Vocabulary()
        check_keys(node, fields, self._problems, "vocabulary")
        entries = dict(self._entries(node))
        return Vocabulary(**{name: tuple(map(self._fold, self._list(entries.get(name)))) for name in fields})

    # -- packs and rules
    # ------------------------------------------------------------------------------------------------------

    def _pack(self, file: _File) -> Pack | None:
        name = text(file.root["pack"], self._problems) if "pack" in file.root else None
        if not name:
            self._say(file.node, "a pack file begins with 'pack: name'")
            return None
        title = self._languages(file.root.get("title"), file.node, "the pack's title")
        nodes = self._items(file.root.get("rules"))
        if not nodes:
            self._say(file.node, "the pack has no rules")
        rules = tuple(rule for node in nodes if (rule := self._rule(node, name)) is not None)
        return Pack(name, title, rules, file.path)

    def _unused(self, file: _File) -> tuple[Problem, ...]:
        """The concepts and requests of a pack that nothing asks for, mostly left behind by a change."""
        used = {"concepts": self._grammar.used, "requests": self._asked}
        return tuple(
            Problem(mark, f"no rule uses the {section.removesuffix('s')} {name}")
            for section, names in used.items()
            if section in file.root
            for name, mark in file.root[section].keys.items()
            if name not in names
        )

    def _rule(self, node: Node, pack: str) -> Rule | None:
        if not isinstance(node.value, Mapping):
            mapping(node, self._problems)
            return None
        entries = node.value
        check_keys(node, _RULE_KEYS, self._problems, "a rule")
        for key in ("id", "severity", "points", "match", "bad", "good"):
            if key not in entries:
                self._say(node, f"the rule has no {key}")
        identity = (text(entries["id"], self._problems) if "id" in entries else None) or ""
        if identity and not (_ID.match(identity) and identity.startswith(f"{pack}/")):
            self._say(entries["id"], f"a rule id of this pack reads {pack}/kebab-name, not {identity!r}")

        def given(key: str, read: Callable[[Node], Any], default: Any) -> Any:
            return read(entries[key]) if key in entries else default

        unless = given("unless", self._features, USUAL_FEATURES)
        since, until = given("since", self._date, ""), given("until", self._date, "")
        return Rule(
            id=identity,
            aliases=self._list(entries.get("aliases")),
            severity=given("severity", lambda item: one_of(item, SEVERITIES, self._problems), None) or "warning",
            points=given("points", lambda item: whole(item, self._problems, 0, 10), 0) or 0,
            confidence=given("confidence", lambda item: one_of(item, CONFIDENCES, self._problems), "high") or "high",
            title=self._languages(entries.get("title"), node, "title"),
            message=self._languages(entries.get("message"), node, "message"),
            why=self._languages(entries.get("why"), node, "why", required=False),
            sources=tuple(self._source(item) for item in self._items(entries.get("sources"))),
            platforms={name: self._override(name, item) for name, item in self._entries(entries.get("platforms"))},
            since=since,
            until=until,
            matches=tuple(
                match for item in self._items(entries.get("match")) if (match := self._match(item, unless)) is not None
            ),
            exempt=self._any_of(entries.get("except")),
            clear=self._frames(entries.get("clear")),
            yields_to=self._list(entries.get("yields_to")),
            profile_off=given("profile_off", lambda item: text(item, self._problems), "") or "",
            fix=self._fix(entries.get("fix")),
            bad=tuple(
                e for item in self._items(entries.get("bad")) if (e := self._example(item, bad=True)) is not None
            ),
            good=tuple(
                e for item in self._items(entries.get("good")) if (e := self._example(item, bad=False)) is not None
            ),
            place=str(node.mark),
        )

    def _features(self, node: Node) -> tuple[str, ...]:
        for item in self._items(node):
            one_of(item, (*FEATURES, "echoed"), self._problems)
        return self._list(node)

    def _date(self, node: Node) -> str:
        value = text(node, self._problems) or ""
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self._say(node, f"a date reads YYYY-MM-DD, not {value!r}")
        return value

    def _source(self, node: Node) -> Source:
        if not isinstance(node.value, Mapping):
            return Source(text(node, self._problems) or "", "", "", "unverified")
        check_keys(node, ("cite", "url", "checked", "status"), self._problems, "a source")
        entries = dict(self._entries(node))
        status = (
            one_of(entries["status"], ("read", "secondary", "unverified"), self._problems)
            if "status" in entries
            else None
        )
        values = {key: text(entries[key], self._problems) or "" for key in ("cite", "url", "checked") if key in entries}
        if not values.get("cite"):
            self._say(node, "a source has no cite")
        return Source(values.get("cite", ""), values.get("url", ""), values.get("checked", ""), status or "unverified")

    def _override(self, name: str, node: Node) -> Override:
        if name not in PLATFORMS:
            self._say(node, f"unknown platform {name!r}{did_you_mean(name, PLATFORMS)}")
        if not isinstance(node.value, Mapping):
            return Override(one_of(node, (*SEVERITIES, "off"), self._problems), None)
        check_keys(node, ("severity", "points"), self._problems, "a platform override")
        entries = dict(self._entries(node))
        severity = one_of(entries["severity"], (*SEVERITIES, "off"), self._problems) if "severity" in entries else None
        return Override(severity, whole(entries["points"], self._problems, 0, 10) if "points" in entries else None)

    def _match(self, node: Node, unless: tuple[str, ...]) -> Match | None:
        if not isinstance(node.value, Mapping):
            act = self._frame(node)
            if act is None or not self._is_anchored(node, act):
                return None
            return Match(act.source, Ways(self._finder.of(act.node)), "act", act, unless=unless)
        check_keys(node, _MATCH_KEYS, self._problems, "a match")
        entries = dict(self._entries(node))

        def chosen(key: str, choices: Sequence[str]) -> str | None:
            return one_of(entries[key], choices, self._problems) if key in entries else None

        if not {*_ACTS, "regex", "must", "answer", "asked", *_SUFFICIENT} & set(entries):
            self._say(node, "a match needs say, deny, utter, regex, must or asked")
        acts = [key for key in _ACTS if key in entries]
        for key in acts[1:]:
            self._say(entries[key], f"a match has {acts[0]} or {key}, not both")
        asked = self._list(entries.get("asked"))
        self._asked.update(asked)
        for item in self._items(entries.get("asked")):
            if item.value not in self._requests:
                self._say(item, f"unknown request {item.value!r}{did_you_mean(str(item.value), self._requests)}")
        answer = self._list(entries.get("answer"))
        for item in self._items(entries.get("answer")):
            one_of(item, STANCES, self._problems)
        if answer and not asked:
            self._say(node, "answer needs asked: what is it an answer to?")
        when = self._list(entries.get("when"))
        for item in self._items(entries.get("when")):
            one_of(item, CONDITIONS, self._problems)
        if "unless" in entries:
            unless = self._features(entries["unless"])
        elif "also_unless" in entries:
            unless = (*unless, *self._features(entries["also_unless"]))
        shown = [f"{key}: {self._shown(entries[key])}" for key in _SHOWN_KEYS if key in entries]
        act = self._frame(entries[acts[0]]) if acts else None
        search = self._search(entries["regex"]) if "regex" in entries else ""
        about, heard = self._any_of(entries.get("about")), self._any_of(entries.get("heard"))
        as_typed = bool(boolean(entries["as_typed"], self._problems)) if "as_typed" in entries else False
        if as_typed and not search:
            self._say(entries["as_typed"], "as_typed needs regex")
        ways = self._ways(act, "" if as_typed else search, answer, about, heard)
        hangs = not (asked or as_typed or _MOMENTS & set(entries))
        caller = self._caller(ways) if hangs else ""
        if hangs and not caller and "longer" not in entries and not self._problems:
            self._say(node, "needs at least one word, concept or entity that must occur")
        return Match(
            source="; ".join(shown),
            ways=ways,
            caller=caller,
            act=act,
            wanted=_ACTS[acts[0]] if acts else "affirmed",
            search=search,
            as_typed=as_typed,
            valid=chosen("valid", VALIDATORS) or "",
            must=self._any_of(entries.get("must")),
            asked=asked,
            form=cast("Form | None", chosen("form", ("positive", "negative"))),
            answer=cast("tuple[Stance, ...]", answer),
            about=about,
            heard=heard,
            unless_heard=self._any_of(entries.get("unless_heard")),
            said=self._any_of(entries.get("said")),
            unless_said=self._any_of(entries.get("unless_said")),
            without=self._any_of(entries.get("without")),
            pieces=bool(boolean(entries["pieces"], self._problems)) if "pieces" in entries else False,
            when=when,
            shorter=whole(entries["shorter"], self._problems, 2, 200) if "shorter" in entries else 0,
            longer=whole(entries["longer"], self._problems, 2, 10_000) if "longer" in entries else 0,
            repeated=whole(entries["repeated"], self._problems, 1, 10) if "repeated" in entries else 0,
            opens=bool(boolean(entries["opens"], self._problems)) if "opens" in entries else False,
            closes=bool(boolean(entries["closes"], self._problems)) if "closes" in entries else False,
            waited=whole(entries["waited"], self._problems, 1, 10_000_000) if "waited" in entries else 0,
            unless=unless,
            whole_word=bool(boolean(entries["whole_word"], self._problems)) if "whole_word" in entries else False,
            severity=cast(Any, chosen("severity", SEVERITIES)),
            points=whole(entries["points"], self._problems, 0, 10) if "points" in entries else None,
            confidence=cast(Any, chosen("confidence", CONFIDENCES)),
        )

    def _ways(
        self, act: Frame | None, search: str, answer: Sequence[str], about: Frame | None, heard: Frame | None
    ) -> Ways:
        """The words a match cannot do without; a part that may hold without any word has none."""

        def of(frame: Frame | None) -> tuple[Way, ...]:
            ways = self._finder.of(frame.node) if frame is not None else ()
            return ways if all(ways) else ()

        own = of(act) if act is not None else self._search_ways(search) if search else self._answer_ways(answer)
        return Ways(own, of(about), of(heard))

    def _answer_ways(self, answer: Sequence[str]) -> tuple[Way, ...]:
        """The words without which a reply takes no stance at all."""
        if not answer or "none" in answer or self._problems:
            return ()
        ways = tuple(way for kind in STANCE_NODES for way in self._finder.of(self._node(self._stances[kind])))
        return ways if all(ways) else ()

    def _caller(self, ways: Ways) -> Caller:
        """The part whose words are the rarest."""
        parts: tuple[Caller, ...] = ("heard", "act", "about")
        given = [part for part in parts if getattr(ways, part)]
        return min(given, key=lambda part: self._finder.rarity(getattr(ways, part)), default="")

    @staticmethod
    def _shown(node: Node) -> str:
        if isinstance(node.value, tuple):
            return " | ".join(str(item.value) for item in node.value)
        return str(node.value)

    def _search(self, node: Node) -> str:
        """A regular expression. `\\b` and `\\w` are refused: beside Chinese characters they never hold."""
        source = text(node, self._problems) or ""
        for refused in (r"\b", r"\B", r"\w", r"\W"):
            if refused in source:
                self._say(
                    node,
                    f"{refused} is refused: between Chinese characters there is no word boundary; name the characters",
                )
                return ""
        try:
            required_words(source)
        except re.error as error:
            self._say(node, f"not a regular expression: {error}")
            return ""
        return source

    def _search_ways(self, source: str) -> tuple[Way, ...]:
        needs = required_words(source)
        return (tuple(map(Need, sorted(needs, key=self._cost))),) if needs else ()

    def _fix(self, node: Node | None) -> Fix:
        if node is None:
            return Fix()
        check_keys(node, ("mask", "edits", "before", "after", "clause", "reply"), self._problems, "fix")
        entries = dict(self._entries(node))
        edits = []
        for item in self._items(entries.get("edits")):
            check_keys(item, ("from", "regex", "to"), self._problems, "an edit")
            parts = dict(self._entries(item))
            if ("from" in parts) == ("regex" in parts) or "to" not in parts:
                self._say(item, "an edit reads {from: frame, to: text} or {regex: expression, to: text}")
                continue
            frame = self._frame(parts["from"]) if "from" in parts else None
            search = self._search(parts["regex"]) if "regex" in parts else ""
            replacement = "" if parts["to"].value is None else text(parts["to"], self._problems) or ""
            self._check_slots(parts["to"], replacement)
            if frame is not None or search:
                edits.append(Edit(replacement, frame, search))
        for key in ("before", "after", "clause", "reply"):
            for item in self._items(entries.get(key)):
                self._check_slots(item, text(item, self._problems) or "")
        mask = "mask" in entries and bool(boolean(entries["mask"], self._problems))
        before, after = (
            text(entries[key], self._problems) or "" if key in entries else "" for key in ("before", "after")
        )
        clauses, replies = self._list(entries.get("clause")), self._list(entries.get("reply"))
        return Fix(tuple(edits), clauses, replies, mask, before, after)

    def _check_slots(self, node: Node, template: str) -> None:
        for slot in _SLOT.findall(template):
            if slot not in self._slots:
                self._say(node, f"unknown slot {{{slot}}}{did_you_mean(slot, self._slots)}")

    def _example(self, node: Node, *, bad: bool) -> Example | None:
        kind = "a bad example" if bad else "a good example"
        if not isinstance(node.value, Mapping):
            entries: dict[str, Node] = {"say": node}
        else:
            check_keys(node, _EXAMPLE_KEYS, self._problems, kind)
            entries = dict(self._entries(node))
        if "say" not in entries:
            self._say(node, f"{kind} has no say")
            return None
        marked = text(entries["say"], self._problems) or ""
        reply, marks = read_marks(marked)
        if bad and not marks:
            self._say(entries["say"], "a bad example marks what is wrong: [[…]]")
        if not bad and "because" not in entries:
            self._say(node, f"a good example says why: because: {' | '.join(BECAUSE)}")
        because = one_of(entries["because"], BECAUSE, self._problems) if "because" in entries else ""
        turns = [Turn("buyer", turn) for turn in self._list(entries.get("buyer"))]
        for item in self._items(entries.get("turns")):
            turn = _TURN.fullmatch(text(item, self._problems) or "")
            if turn is None:
                self._say(item, "a turn reads 'buyer: …', 'agent: …' or, with a time, 'buyer@2026-01-01T10:00: …'")
            else:
                turns.append(Turn(cast(Role, turn["role"]), turn["text"], turn["at"]))
        meta = {key: text(value, self._problems) or "" for key, value in self._entries(entries.get("meta"))}
        fixed = text(entries["fix"], self._problems) if "fix" in entries else None
        return Example(
            reply=reply,
            marks=marks,
            turns=tuple(turns),
            meta=meta,
            at=text(entries["at"], self._problems) if "at" in entries else None,
            opens="opens" in entries and bool(boolean(entries["opens"], self._problems)),
            closes="closes" in entries and bool(boolean(entries["closes"], self._problems)),
            because=because or "",
            fixed=fixed,
            place=str(node.mark),
        )

    def _check_ids(self, packs: Sequence[Pack]) -> None:
        seen: dict[str, str] = {}
        for pack in packs:
            for rule in pack.rules:
                for name in (rule.id, *rule.aliases):
                    if name in seen:
                        path, line, column = rule.place.rsplit(":", 2)
                        self._say(Mark(path, int(line), int(column)), f"the id {name} is already used at {seen[name]}")
                    seen[name] = rule.place


def read_marks(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sentence without its [[…]] marks, and the marked spans in it."""
    reply = ""
    marks: list[tuple[int, int]] = []
    start = None
    for part in re.split(r"(\[\[|\]\](?!\]))", marked):
        if part == "[[":
            start = len(reply)
        elif part == "]]" and start is not None:
            marks.append((start, len(reply)))
            start = None
        else:
            reply += part
    return reply, tuple(marks)
