"""What was said last in each conversation, so that a client may send only the new turn."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from time import monotonic
from typing import NamedTuple

from replylint.engine import LOOK_BACK
from replylint.model import Role, Turn

LONGEST_TURN = 2_000
"""Characters kept of a turn: a request in a longer one stands at its beginning or is answered by nobody."""


class Limits(NamedTuple):
    """How much is remembered, and for how long after the last turn."""

    conversations: int = 10_000
    turns: int = LOOK_BACK
    seconds: float = 1_800.0


class _Chat:
    __slots__ = ("turns", "until")

    def __init__(self, turns: int) -> None:
        self.turns: deque[Turn] = deque(maxlen=turns)
        self.until = 0.0


class Memory:
    """The last turns of the conversations used last. It belongs to one event loop; nothing is written to disk.

    A conversation is known by a key of text parts, so that two chat servers may use the same id.
    """

    def __init__(self, limits: Limits | None = None, clock: Callable[[], float] = monotonic) -> None:
        self._limits, self._clock = limits or Limits(), clock
        self._chats: OrderedDict[tuple[str, ...], _Chat] = OrderedDict()

    def __len__(self) -> int:
        self._forget()
        return len(self._chats)

    def recall(self, key: tuple[str, ...]) -> tuple[Turn, ...]:
        """The turns of a conversation, oldest first; none once it has been quiet for too long."""
        self._forget()
        chat = self._chats.get(key)
        return tuple(chat.turns) if chat is not None else ()

    def remember(self, key: tuple[str, ...], turns: Iterable[Turn]) -> None:
        """Adds turns to a conversation; the oldest turns and the conversation unused for longest make room."""
        new = [turn._replace(text=turn.text[:LONGEST_TURN]) for turn in turns]
        if not new:
            return
        self._forget()
        chat = self._chats.pop(key, None) or _Chat(self._limits.turns)
        chat.turns.extend(new)
        chat.until = self._clock() + self._limits.seconds
        self._chats[key] = chat
        if len(self._chats) > self._limits.conversations:
            self._chats.popitem(last=False)

    def _forget(self) -> None:
        now = self._clock()
        while self._chats:
            key, chat = next(iter(self._chats.items()))
            if chat.until > now:
                return
            del self._chats[key]


def seen_by(sender: str, turns: Iterable[Turn]) -> tuple[Turn, ...]:
    """Turns as the sender of the next one sees them: own ones are the agent's, all others the buyer's."""
    mine: Role = "agent"
    theirs: Role = "buyer"
    return tuple(turn._replace(role=mine if turn.sender == sender else theirs) for turn in turns)
