"""The linter: packs in, judgements out. Immutable, thread-safe, picklable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from replylint.cachedir import cache_home
from replylint.collector import collector_at_rest
from replylint.engine import Engine, Judgement
from replylint.model import (
    Conversation,
    Finding,
    HistoryItem,
    Meta,
    Report,
    RequestError,
    Turn,
    Verdict,
    read_conversation,
    read_history,
    read_meta,
    read_request,
)
from replylint.profile import Policy, Profile
from replylint.rarity import cost_of, read_table
from replylint.rule import Plan, Rule, Ruleset, Ways
from replylint.scene import LOOK_BACK, SOME_MOMENT, Memory, Moment
from replylint.sound import SoundTable
from replylint.source import SourceFile, did_you_mean, read_contents, read_sources, sources_of
from replylint.store import cached_rules, content_hash
from replylint.text import Folder
from replylint.tokens import WordEdges

if TYPE_CHECKING:
    from replylint.rewrite import Rewriter
    from replylint.stream import ReplyStream


def bundled_rules() -> Path:
    """The directory of the packs that come with the library: inside the wheel, or beside the package in a clone."""
    inside = Path(__file__).parent / "rules"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "rules"


@cache
def bundled_folder() -> Folder:
    """The folder with the character table that comes with the library; immutable, so one is enough."""
    return Folder.from_tsv((Path(__file__).parent / "data" / "fold.tsv").read_text(encoding="utf-8"))


def bundled_sounds() -> SoundTable:
    """The readings of characters that come with the library, and what is innocent though it sounds like a word."""
    return SoundTable.from_tsv(_data("sounds.tsv"), _data("innocent.tsv"))


def _data(name: str) -> list[str]:
    """The lines of a table that comes with the library; they may begin or end with blanks that count."""
    return (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").rstrip("\n").split("\n")


def pack_paths(packs: Iterable[str | Path] | None) -> tuple[Path, ...]:
    """The files of a pack set: bundled packs by name, own ones by path, always with the shared lexicon.

    None means all bundled packs. Raises ValueError for a name that is neither.
    """
    home = bundled_rules()
    bundled = {path.stem: path for path in sorted(home.glob("*.yaml")) if path.stem != "lexicon"}
    if packs is None:
        return (home / "lexicon.yaml", *bundled.values())
    chosen: list[Path] = []
    for pack in packs:
        path = Path(pack)
        if str(pack) in bundled:
            chosen.append(bundled[str(pack)])
        elif path.is_dir():
            chosen += sorted(path.glob("*.yaml"))
        elif path.suffix in (".yaml", ".yml"):
            chosen.append(path)
        else:
            hint = did_you_mean(str(pack), bundled)
            raise ValueError(
                f"no pack named {str(pack)!r}{hint}; a pack is one of {', '.join(bundled)} or a path to a .yaml file"
            )
    lexicon = [path for path in chosen if path.stem == "lexicon"] or [home / "lexicon.yaml"]
    return (*lexicon, *(path for path in dict.fromkeys(chosen) if path.stem != "lexicon"))


def load_rules(packs: Iterable[str | Path] | None = None, folder: Folder | None = None) -> Ruleset:
    """The rules of a pack set with all their examples, read from YAML; raises RulePackError with every problem."""
    return _load(read_sources(pack_paths(packs)), folder or bundled_folder())


def _load(sources: Sequence[SourceFile], folder: Folder) -> Ruleset:
    from replylint.rulepack import load

    cost = cost_of(read_table(_data("rarity.tsv")))
    return load(sources, cache(lambda word: folder.fold(word).text), cost, bundled_sounds())


def compiled_rules(packs: Iterable[str | Path] | None, folder: Folder) -> Ruleset:
    """The rules of a pack set without their examples, from the cache if nothing they are made from has changed."""
    contents = read_contents(pack_paths(packs))
    made_by = [(Path(__file__).parent / name).read_bytes() for name in _MADE_BY]
    names = [Path(content.path).name.encode("utf-8", "surrogateescape") for content in contents]
    made_from = (*names, *(content.data for content in contents), *made_by)
    key = content_hash(b"".join(map(content_hash, made_from)))

    def make() -> Ruleset:
        from replylint.plan import planned  # most processes find it made

        ruleset = _load(sources_of(contents), folder)
        return _with_plan(ruleset, planned(ruleset))

    return cached_rules(key.hex(), cache_home(), make)


def _with_plan(ruleset: Ruleset, plan: Plan) -> Ruleset:
    """A ruleset with its plan, without what that was made from and without examples."""
    packs = tuple(
        pack._replace(
            rules=tuple(
                rule._replace(bad=(), good=(), matches=tuple(match._replace(ways=Ways()) for match in rule.matches))
                for rule in pack.rules
            ),
            unused=(),
        )
        for pack in ruleset.packs
    )
    asks = tuple(ask._replace(ways=()) for ask in ruleset.asks)
    return ruleset._replace(packs=packs, asks=asks, nodes=(), plan=plan)


_MADE_BY = (
    "data/fold.tsv", "data/innocent.tsv", "data/rarity.tsv", "data/sounds.tsv", "frame.py", "lexis.py", "nodes.py",
    "plan.py", "rule.py", "rulepack.py", "search.py", "sound.py", "text.py", "ways.py",
)  # fmt: skip
"""What a compiled pack set depends on besides the packs."""


class Linter:
    """Checks replies against a pack set.

    packs   None for all bundled packs, else names and paths; own packs may use the bundled concepts
    policy  a `Policy` or the path of a policy file
    shop    a `Profile` or the path of a shop profile
    lang    language of the messages, zh or en; the profile's when not given

    Raises RulePackError with every problem of packs, policy and profile.
    """

    def __init__(
        self,
        packs: Iterable[str | Path] | None = None,
        policy: Policy | str | Path | None = None,
        shop: Profile | str | Path | None = None,
        lang: str | None = None,
        *,
        ruleset: Ruleset | None = None,
        plain: bool = False,
    ) -> None:
        self._folder = bundled_folder()
        self._ruleset = ruleset if ruleset is not None else compiled_rules(packs, self._folder)
        profile = shop if isinstance(shop, Profile) else _profile(shop)
        self._profile = profile._replace(language=lang) if lang else profile
        self._policy = policy if isinstance(policy, Policy) else _policy(policy, self._ruleset)
        self._plain = plain
        edges = WordEdges(self._ruleset.domain_words)
        with collector_at_rest():
            self._engine = Engine(self._ruleset, self._folder, self._profile, edges, plain=plain)
        self._edges = edges
        self.version = _version(self._ruleset)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._ruleset, self._policy, self._profile, self._plain)

    @cached_property
    def _rewriter(self) -> Rewriter:
        """Made when something is found, which most processes for one reply do not."""
        from replylint.rewrite import Rewriter

        return Rewriter(self._ruleset, self._profile, self._engine.reader)

    @property
    def ruleset(self) -> Ruleset:
        """The packs this linter was built from; without examples, unless it was given a ruleset that has them."""
        return self._ruleset

    def rule(self, identity: str) -> Rule:
        """A rule by its id or a former one; raises KeyError with a suggestion."""
        for rule in self._ruleset.rules:
            if identity == rule.id or identity in rule.aliases:
                return rule
        raise KeyError(f"unknown rule {identity!r}{did_you_mean(identity, [rule.id for rule in self._ruleset.rules])}")

    def warm_up(self) -> None:
        """Loads what is otherwise loaded when first needed (the tokenizer's dictionary)."""
        self._edges.warm_up()

    def check(
        self,
        reply: str,
        history: Iterable[HistoryItem] = (),
        meta: Mapping[str, Any] | Meta | None = None,
        *,
        id: str | None = None,
        rewrite: bool = True,
        moment: Moment = SOME_MOMENT,
    ) -> Report:
        """Judges one reply. `rewrite=False` skips looking for a better wording. Raises RequestError for a malformed
        request only.
        """
        if not isinstance(reply, str):
            raise RequestError(f"reply is a string, not {type(reply).__name__}")
        return self._report(reply, read_history(history), read_meta(meta), id, rewrite, moment)

    def check_many(self, requests: Iterable[Any]) -> Iterator[Report]:
        """Reports of wire requests, in order; raises RequestError at a request that cannot be read."""
        for wire in requests:
            request = read_request(wire)
            yield self._report(request.reply, request.history, request.meta, request.id, True)

    def check_conversation(
        self, conversation: Conversation | Mapping[str, Any], *, rewrite: bool = True
    ) -> tuple[Report, ...]:
        """Reports of the agent's and bot's turns; `report.turn` is the index of each in the conversation's turns."""
        chat = conversation if isinstance(conversation, Conversation) else read_conversation(conversation)
        memory = Memory()
        reports: list[Report] = []
        last = max((index for index, turn in enumerate(chat.turns) if turn.role in ("agent", "bot")), default=-1)
        for index, turn in enumerate(chat.turns):
            if turn.role in ("agent", "bot"):
                before = chat.turns[max(0, index - LOOK_BACK) : index]
                moment = Moment(turn.at, opens=not reports, closes=index == last)
                report = self._report(turn.text, before, chat.meta, None, rewrite, moment, memory)
                reports.append(report._replace(turn=index))
        return tuple(reports)

    def stream(self, history: Iterable[HistoryItem] = (), meta: Mapping[str, Any] | Meta | None = None) -> ReplyStream:
        """Takes a reply while it is being generated and gives back what of it is safe to show; see `ReplyStream`."""
        from replylint.stream import ReplyStream  # few replies are streamed

        turns, known = read_history(history), read_meta(meta)

        def check(reply: str, *, rewrite: bool, begins: str = "") -> Report:
            return self._report(reply, turns, known, None, rewrite, begins=begins)

        return ReplyStream(check, self._policy.actions)

    def explain(
        self,
        reply: str,
        history: Iterable[HistoryItem] = (),
        meta: Mapping[str, Any] | Meta | None = None,
        *,
        moment: Moment = SOME_MOMENT,
    ) -> tuple[Verdict, ...]:
        """Every candidate that was weighed, with the reason it was dropped, or None where it became a finding."""
        return self._engine.judge(reply, read_history(history), read_meta(meta), moment, explain=True).verdicts

    def _report(
        self,
        reply: str,
        history: Sequence[Turn],
        meta: Meta,
        id: str | None,
        rewrite: bool,
        moment: Moment = SOME_MOMENT,
        memory: Memory | None = None,
        begins: str = "",
    ) -> Report:
        # What was worked out about the turns serves every rewrite that is tried.
        memory = Memory() if memory is None else memory
        judgement = self._engine.judge(reply, history, meta, moment, memory)
        findings = self._findings(judgement) if judgement.findings else ()
        if not findings:
            return Report("allow", (), None, self.version, id)
        better = None
        if rewrite:
            clean = partial(self._may_be_sent, begins, history, meta, memory)
            findings, better = self._rewriter.rewrite(reply, judgement.seen, findings, judgement.elliptic, clean)
        return Report(self._policy.action(finding.severity for finding in findings), findings, better, self.version, id)

    def _findings(self, judgement: Judgement) -> tuple[Finding, ...]:
        policy = self._policy
        return tuple(
            finding._replace(severity=policy.severities.get(finding.rule, finding.severity))
            for finding in judgement.findings
            if policy.admits(finding.rule, finding.rule.split("/", 1)[0])
        )

    def _may_be_sent(self, begins: str, history: Sequence[Turn], meta: Meta, memory: Memory, text: str) -> bool:
        """Whether a rewrite begins as it must and has nothing at fault itself."""
        if not text.startswith(begins):
            return False
        findings = self._engine.judge(text, history, meta, memory=memory).findings
        return all(finding.severity == "info" for finding in findings)


def _profile(path: str | Path | None) -> Profile:
    if path is None:
        return Profile()
    from replylint.settings import read_profile

    return read_profile(Path(path))


def _policy(path: str | Path | None, ruleset: Ruleset) -> Policy:
    if path is None:
        return Policy()
    from replylint.settings import read_policy

    return read_policy(Path(path), {rule.id for rule in ruleset.rules} | {pack.id for pack in ruleset.packs})


def _rebuild(ruleset: Ruleset, policy: Policy, profile: Profile, plain: bool) -> Linter:
    return Linter(policy=policy, shop=profile, ruleset=ruleset, plain=plain)


def _version(ruleset: Ruleset) -> str:
    from replylint import __version__

    return f"{__version__}+{ruleset.digest[:12]}"
