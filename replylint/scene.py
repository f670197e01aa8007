"""What surrounds a reply: what the buyer said and asked, what the agent said before, and the moment it is sent."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import NamedTuple

from replylint.answers import Form, is_idle, open_turns, taken_back
from replylint.clause import asks_something
from replylint.index import united
from replylint.model import Meta, Role, Turn
from replylint.passage import Passage
from replylint.reader import Reader, Sight
from replylint.rule import Match
from replylint.text import View

LOOK_BACK = 12
"""How many turns before a reply are looked at."""

_OWN_BUBBLES = 3


class Heard(NamedTuple):
    """A turn at a first look: its passage is read only when a rule asks for it.

    sights  its views; none for the agent's own turns, which call for nothing
    called  matches whose topic it names
    asks    requests it may make
    """

    role: Role
    text: str
    sights: Sequence[Sight] = ()
    called: frozenset[int] = frozenset()
    asks: frozenset[int] = frozenset()


class Moment(NamedTuple):
    """When in its conversation a reply is sent: its time (ISO 8601, if known), and whether it is the agent's first or
    last.
    """

    at: str | None = None
    opens: bool = False
    closes: bool = False


SOME_MOMENT = Moment()
"""Nothing is known of it: a single request may come from the middle of a chat."""


class Memory:
    """What was worked out about turns, kept while one conversation is judged: every turn is read once."""

    __slots__ = ("asked", "heard", "passages")

    def __init__(self) -> None:
        self.heard: dict[tuple[Role, str], Heard] = {}
        self.passages: dict[str, Passage] = {}
        self.asked: dict[str, AbstractSet[int]] = {}

    def hear(self, turn: Turn, reader: Reader) -> Heard:
        """A turn at a first look."""
        key = (turn.role, turn.text)
        heard = self.heard.get(key)
        if heard is None:
            text = reader.fold(turn.text).text
            heard = Heard(turn.role, text)
            if turn.role in ("buyer", "system"):
                heard = _heard(turn.role, text, reader.look_at_turn(View(text)))
            self.heard[key] = heard
        return heard

    def passage(self, turn: Heard, reader: Reader) -> Passage:
        """The passage of a turn, read once."""
        passage = self.passages.get(turn.text)
        if passage is None:
            passage = reader.passage(turn.sights[-1]) if turn.sights else reader.passage_of(turn.text)
            self.passages[turn.text] = passage
        return passage

    def asks(self, turn: Heard, reader: Reader) -> AbstractSet[int]:
        """The asks that a turn makes, of those that it may make."""
        if not turn.asks:
            return turn.asks
        asks = self.asked.get(turn.text)
        if asks is None:
            asks = self.asked[turn.text] = reader.made_in(self.passage(turn, reader), turn.asks)
        return asks


def _heard(role: Role, text: str, sights: Sequence[Sight]) -> Heard:
    called, asks = united([sight.skim.called for sight in sights]), united([sight.skim.asks for sight in sights])
    return Heard(role, text, sights, called, asks)


class Scene:
    """What surrounds a reply, each part worked out when a match first asks for it. Lives for one judgement."""

    def __init__(
        self,
        reader: Reader,
        turns: Sequence[Heard],
        memory: Memory,
        meta: Meta,
        day: str = "",
        wanted: AbstractSet[str] = frozenset(),
        *,
        recalls: bool = False,
    ) -> None:
        """`day` is the date on which the reply is sent (YYYY-MM-DD), empty when unknown; `wanted` are the requests
        that matter for the reply; it `recalls` when it goes back to an earlier one.
        """
        self._reader = reader
        self._wanted = wanted
        self._recalls = recalls
        self._turns = turns
        self._memory = memory
        self.meta = meta
        self.day = day

    def _passage(self, turn: Heard) -> Passage:
        return self._memory.passage(turn, self._reader)

    @cached_property
    def _open(self) -> tuple[int, ...]:
        return open_turns(self._reader.stances, [(turn.role, turn.text) for turn in self._turns])

    @cached_property
    def context(self) -> tuple[Passage, ...]:
        """The buyer's open turns."""
        return tuple(self._passage(self._turns[index]) for index in self._open)

    @cached_property
    def heard(self) -> tuple[Passage, ...]:
        """Every buyer's and system turn, open or not."""
        return tuple(self._passage(turn) for turn in self._turns if turn.role in ("buyer", "system"))

    @cached_property
    def typed(self) -> str:
        """What the buyer typed."""
        return "\n".join(turn.text for turn in self._turns if turn.role == "buyer")

    @cached_property
    def said(self) -> tuple[Passage, ...]:
        """The agent's turns before this one."""
        return tuple(self._passage(turn) for turn in self._turns if turn.role in ("agent", "bot"))

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
        for index in self._open:
            turn = self._turns[index]
            found = self._asked_in(turn)
            if not found and index == self._open[-1]:
                break  # whatever it says instead: nothing was asked before
            if is_idle(self._reader.stances, turn.text):
                continue
            if found or self._asks_something_else(turn) or taken_back(self._reader.stances, self._passage(turn)):
                return found
        return {}

    def _asked_in(self, turn: Heard) -> Mapping[str, Form]:
        """What a buyer's turn asks for, of all that matters for the reply."""
        asks = self._reader.index.asks_for(self._wanted, turn.asks)
        return self._reader.requests_in(self._passage(turn), asks) if asks else {}

    def _asks_something_else(self, turn: Heard) -> bool:
        passage = self._passage(turn)
        return asks_something(self._reader.cues, passage) or bool(self._reader.requests_in(passage, turn.asks))

    def is_asked(self, names: Iterable[str]) -> bool:
        """Whether the reply answers one of these requests."""
        return any(name in self.requests or name in self.recalled for name in names)

    @cached_property
    def recalled(self) -> Mapping[str, Form]:
        """What the buyer asked before, if the reply goes back to it: 头一个也行."""
        found: dict[str, Form] = {}
        for turn in self._turns if self._recalls else ():
            if turn.role == "buyer":
                found.update(self._asked_in(turn))
        return {name: form for name, form in found.items() if name not in self.requests}


def is_due(match: Match, reply: str, turns: Sequence[Heard], history: Sequence[Turn], moment: Moment) -> bool:
    """Whether it is the moment that a match is about. `reply` is folded, `turns` are the last of the history."""
    if (match.opens and not moment.opens) or (match.closes and not moment.closes):
        return False
    if match.repeated and repetitions(reply, turns) < match.repeated:
        return False
    return not match.waited or waiting_seconds(history, moment.at) >= match.waited


def repetitions(reply: str, turns: Sequence[Heard | Turn]) -> int:
    """How often the agent sent the same before, with no word of the buyer in between; all texts folded."""
    count = 0
    for turn in reversed(turns):
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
    from datetime import datetime  # single replies have no times

    try:
        return (datetime.fromisoformat(at) - datetime.fromisoformat(asked)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
