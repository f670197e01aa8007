"""A rule as data: what the packs say, translated and ready to be matched. Everything here is plain and immutable."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from replylint.answers import Form, Stance
from replylint.clause import Wanted
from replylint.frame import Frame, Node, words_in
from replylint.matcher import WordList
from replylint.model import Confidence, Severity, Turn
from replylint.nodes import NodeTable
from replylint.sound import Hearing
from replylint.source import Problem
from replylint.text import Spelling
from replylint.validators import Vocabulary
from replylint.ways import Way


class Source(NamedTuple):
    """Where a rule comes from: a law's article or a platform's clause. `status` is read, secondary or unverified."""

    cite: str
    url: str
    checked: str
    status: str


class Ways(NamedTuple):
    """The words without which a match cannot hold, part by part: one of a part's ways must be there.

    act     in the reply (of the frame or of the regular expression)
    about   in the reply or in the buyer's turns
    heard   in the buyer's or system turns
    """

    act: tuple[Way, ...] = ()
    about: tuple[Way, ...] = ()
    heard: tuple[Way, ...] = ()


Caller: TypeAlias = Literal["", "act", "about", "heard"]
"""The part of a match whose words are looked for first, being the rarest."""


class Match(NamedTuple):
    """One way to break a rule. All parts that are given must hold. Without a caller it hangs on a request or a moment.

    act      a frame in the reply; `wanted` says whether it is to be affirmed, refused or either
    search   a regular expression in the reply (run with a time limit)
    as_typed the expression is run on the reply before folding
    must     the reply must contain this (the rule is broken when it does not)
    asked    the buyer's open request is one of these; `form` narrows it, `answer` is the reply's stance towards it
    about    the talk is about this: it occurs in the reply or in the buyer's open turns
    heard    a buyer's or system turn of the last ones matches, open or not (who is asking does not lapse)
    unless_heard  the candidate is dropped when a buyer's or system turn of the last ones matches
    said     the agent's own bubbles just before match this frame
    unless_said  the candidate is dropped when one of the agent's own turns before matches
    without  may not occur in the reply (the candidate is cleared by it)
    pieces   the frame may be completed over several bubbles in a row
    when     conditions on what is known about the chat
    shorter  the reply has fewer characters than this; 0 for any length
    longer   the reply has at least this many characters; 0 for any length
    repeated the reply was sent at least this often before, with no answer of the buyer in between
    opens    the reply is the agent's first in its conversation
    closes   the reply is the agent's last in its conversation
    waited   the buyer has waited at least this many seconds for it
    """

    source: str
    ways: Ways = Ways()
    caller: Caller = ""
    act: Frame | None = None
    wanted: Wanted = "affirmed"
    search: str = ""
    as_typed: bool = False
    valid: str = ""
    must: Frame | None = None
    asked: tuple[str, ...] = ()
    form: Form | None = None
    answer: tuple[Stance, ...] = ()
    about: Frame | None = None
    heard: Frame | None = None
    unless_heard: Frame | None = None
    said: Frame | None = None
    unless_said: Frame | None = None
    without: Frame | None = None
    pieces: bool = False
    when: tuple[str, ...] = ()
    shorter: int = 0
    longer: int = 0
    repeated: int = 0
    opens: bool = False
    closes: bool = False
    waited: int = 0
    unless: tuple[str, ...] = ()
    whole_word: bool = False
    severity: Severity | None = None
    points: int | None = None
    confidence: Confidence | None = None

    @property
    def called(self) -> tuple[Way, ...]:
        """The ways of the caller."""
        return getattr(self.ways, self.caller) if self.caller else ()

    @property
    def may_be_called_otherwise(self) -> bool:
        """Whether it may come to be weighed though its caller's words are not there."""
        moment = self.repeated or self.opens or self.closes or self.waited
        return bool(self.asked or moment or self.as_typed or self.pieces or "other_account" in self.when)


class Edit(NamedTuple):
    """A replacement of a few words, or of what an expression finds, that keeps the sentence true. `to` may hold
    {slots}.
    """

    to: str
    frame: Frame | None = None
    search: str = ""


class Fix(NamedTuple):
    """How to say it right: personal data masked, an edit of words, words put before or behind the clause at fault, else
    another clause, else another reply.
    """

    edits: tuple[Edit, ...] = ()
    clauses: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    mask: bool = False
    before: str = ""
    after: str = ""


class Example(NamedTuple):
    """A sentence that proves the rule. `marks` are spans of `reply` that must be flagged; none for a good example.

    `because` says why a good example is fine; `fixed` is the rewrite expected of a bad one, if stated.
    """

    reply: str
    marks: tuple[tuple[int, int], ...]
    turns: tuple[Turn, ...]
    meta: Mapping[str, str]
    at: str | None
    opens: bool
    closes: bool
    because: str
    fixed: str | None
    place: str


class Override(NamedTuple):
    """What a platform does differently; severity "off" switches the rule off there."""

    severity: str | None
    points: int | None


class Rule(NamedTuple):
    """One rule with its matches, its way out and its proof. Texts are keyed by language (zh, en)."""

    id: str
    aliases: tuple[str, ...]
    severity: Severity
    points: int
    confidence: Confidence
    title: Mapping[str, str]
    message: Mapping[str, str]
    why: Mapping[str, str]
    sources: tuple[Source, ...]
    platforms: Mapping[str, Override]
    since: str
    until: str
    matches: Sequence[Match]
    exempt: Frame | None
    clear: tuple[Frame, ...]
    yields_to: tuple[str, ...]
    profile_off: str
    fix: Fix
    bad: tuple[Example, ...]
    good: tuple[Example, ...]
    place: str

    @property
    def pack(self) -> str:
        """The pack's name: what stands before the slash."""
        return self.id.split("/", 1)[0]


class Ask(NamedTuple):
    """A way for the buyer to ask for something: `request` is its name; a turn with `unless` is no such request."""

    request: str
    frame: Frame
    ways: tuple[Way, ...]
    unless: int
    """A node, or -1."""


class Pack(NamedTuple):
    """One YAML file: its name, titles and rules. `unused`: its concepts and requests that no rule uses."""

    id: str
    title: Mapping[str, str]
    rules: tuple[Rule, ...]
    path: str
    unused: tuple[Problem, ...] = ()


class Calls(NamedTuple):
    """What words call, as numbers side by side (signed, 32 bits, in the machine's order).

    set_ends   for each set of words where it ends in `set_words`
    set_words  the numbers of the words of all sets, in order
    groups     what of a kind hangs on the same rare words: their set, the kind, and where its ways end
    ways       the number that is called, what the way needs first (as below; -1 for a set where it needs nothing), and
               where its other needs end
    needs      a set, and the first and last place where one of its words may begin, counted from the rare word
    kinds      how many kinds there are
    """

    set_ends: bytes
    set_words: bytes
    groups: bytes
    ways: bytes
    needs: bytes
    kinds: int


class Parts(NamedTuple):
    """What a match needs, by the numbers of parts (-1 for none): in the reply, in turns before it, in either."""

    said: int
    heard: int
    about: int


class Occasions(NamedTuple):
    """What of matches has to be known before any is read, by their numbers.

    moments     hang on the moment at which the reply is sent
    long        hang on nothing but the length of the reply
    for_others  hang on who asks
    as_typed    search the reply before folding
    pieces      may be completed over several bubbles
    requests    the name of what each ask asks for
    answers     for each ask the matches about an answer to it
    lengths     the least length of a reply for each match, and the first that is too long (signed, 32 bits)
    """

    moments: tuple[int, ...]
    long: tuple[int, ...]
    for_others: tuple[int, ...]
    as_typed: tuple[int, ...]
    pieces: tuple[int, ...]
    requests: tuple[str, ...]
    answers: tuple[tuple[int, ...], ...]
    lengths: bytes


class Plan(NamedTuple):
    """What it takes to see at a first look which matches could hold.

    words      all that is looked for in a text, each once; those of the nodes stand first
    of_nodes   how many these are
    nodes      the nodes of the ruleset
    reply      what words of a reply call: matches; the parts that these need; whether something is disguised; the parts
               that only matches need which no words call
    turn       what words of a turn before it call: matches; parts; whether something is disguised; asks
    parts      of each match, three numbers a row as in `Parts`
    besides    those of each match besides its caller, likewise
    occasions  what else has to be known of them
    """

    words: WordList
    of_nodes: int
    nodes: NodeTable
    reply: Calls
    turn: Calls
    parts: bytes
    besides: bytes
    occasions: Occasions


class Ruleset(NamedTuple):
    """All packs a linter was built from, and what they share.

    A compiled one has a plan, which knows its nodes; its matches and asks have no ways any more.
    """

    packs: tuple[Pack, ...]
    asks: Sequence[Ask]
    nodes: Sequence[Node]
    cues: Mapping[str, int]
    stances: Mapping[str, int]
    stance_words: Mapping[str, tuple[str, ...]]
    fillers: tuple[str, ...]
    particles: tuple[str, ...]
    spellings: Sequence[Spelling]
    hidden_words: tuple[str, ...]
    hearing: Hearing
    vocabulary: Vocabulary
    slots: Mapping[str, str]
    domain_words: tuple[str, ...]
    digest: str
    plan: Plan | None = None

    @property
    def words(self) -> Sequence[str]:
        """Every word of the nodes, once."""
        return words_in(self.nodes) if self.plan is None else self.plan.words[: self.plan.of_nodes]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule, pack by pack."""
        return tuple(rule for pack in self.packs for rule in pack.rules)
