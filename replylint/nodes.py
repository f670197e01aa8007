"""The nodes of a pack set as plain numbers: written down once with a plan, read where they stand.

A node knows here what it cannot do without, so that most are never looked for. Words and kinds of entities go by their
numbers (see `lexis`), and so do sets of them, which many nodes have in common.
"""

from array import array
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple, TypeAlias

from replylint.frame import Link, Node
from replylint.matcher import ends_of

Kind: TypeAlias = Literal["words", "found", "any", "chain", "meet"]
"""What a node is to whoever looks for it: `found` are the entities of some kinds, or numbers, told by their shapes."""

KINDS: tuple[Kind, ...] = ("words", "found", "any", "chain", "meet")

_OPENS, _CLOSES = 8, 16
_ACROSS, _OPTIONAL, _MARKED = 1, 2, 4


class NodeTable(NamedTuple):
    """Nodes as numbers side by side (signed, 32 bits, in the machine's order). What a node refers to stands before it.

    set_ends   for each set of words where it ends in `set_words`
    set_words  the numbers of the words of all sets, in order
    nodes      its place among the kinds, 8 more where a clause begins and 16 where one ends; the node inside which it
               means nothing, or -1; where its links end; where its needs end
    links      a node, the reach, what holds of it (1 across clauses, 2 may be missing, 4 marked), its row of `besides`
               or -1
    besides    the node that must not end where a part starts and the one that must not start where it ends, or -1
    needs      sets of words of each of which one must occur; what words and entities stand for is their only need
    """

    set_ends: bytes
    set_words: bytes
    nodes: bytes
    links: bytes
    besides: bytes
    needs: bytes


_Words: TypeAlias = frozenset[int]


class NumberedNode(NamedTuple):
    """A node of a table, see `frame.Node`, with the sets of words of each of which one must occur."""

    kind: Kind
    links: tuple[Link, ...]
    opens: bool
    closes: bool
    benign: int
    needs: tuple[_Words, ...]

    @property
    def anchor(self) -> _Words:
        """The least of what it needs; empty when it needs nothing."""
        return min(self.needs, key=len, default=frozenset())


def table_of(nodes: Sequence[Node], numbers: Mapping[str, int]) -> NodeTable:
    """The table of some nodes, whose words (`@kind` for entities) have numbers."""
    sets: dict[_Words, int] = {}
    needed: list[tuple[_Words, ...]] = []
    besides: dict[tuple[int, int], int] = {}
    rows, links, needs = array("i"), array("i"), array("i")
    for node in nodes:
        needed.append(_needs_of(node, needed, numbers))
        needs.extend(sets.setdefault(words, len(sets)) for words in needed[-1])
        for link in node.links:
            beside = (link.before, link.behind)
            row = -1 if beside == (-1, -1) else besides.setdefault(beside, len(besides))
            how = _ACROSS * link.across + _OPTIONAL * link.optional + _MARKED * link.marked
            links.extend((link.node, link.reach, how, row))
        what = KINDS.index(_kind(node)) + _OPENS * node.opens + _CLOSES * node.closes
        rows.extend((what, node.benign, len(links) // 4, len(needs)))
    beside_rows = array("i", (node for beside in besides for node in beside))
    return NodeTable(*sets_as_numbers(sets), *(part.tobytes() for part in (rows, links, beside_rows, needs)))


def sets_as_numbers(sets: Collection[AbstractSet[int]]) -> tuple[bytes, bytes]:
    """Where each of some sets ends, and the numbers of all of them side by side, those of a set in order."""
    return ends_of(sets), array("i", (number for each in sets for number in sorted(each))).tobytes()


def _kind(node: Node) -> Kind:
    return "found" if node.op == "entity" or node.op == "number" else node.op


def _needs_of(node: Node, needed: Sequence[tuple[_Words, ...]], numbers: Mapping[str, int]) -> tuple[_Words, ...]:
    """Sets of words of each of which one must occur for a node to hold; those of the nodes before it are known."""
    if node.op in ("words", "entity"):
        sign = "@" if node.op == "entity" else ""
        return (frozenset(numbers[sign + word] for word in node.words),)
    if node.op in ("chain", "meet"):
        return tuple(dict.fromkeys(need for link in node.links if not link.optional for need in needed[link.node]))
    anchors = [min(needed[link.node], key=len, default=frozenset()) for link in node.links]
    return (frozenset().union(*anchors),) if anchors and all(anchors) else ()


class NodeRows:
    """The nodes of a table, each read when asked for."""

    def __init__(self, table: NodeTable) -> None:
        self._set_ends, self._set_words, self._nodes, self._links, self._besides, self._needs = (
            memoryview(part).cast("i") for part in table
        )

    def __len__(self) -> int:
        return len(self._nodes) // 4

    def __getitem__(self, number: int) -> NumberedNode:
        if not 0 <= number < len(self):
            raise IndexError("no such node")
        what, benign, last_link, last_need = self._nodes[4 * number : 4 * number + 4]
        first_link, first_need = self._nodes[4 * number - 2 : 4 * number] if number else (0, 0)
        return NumberedNode(
            KINDS[what % _OPENS],
            tuple(map(self._link, range(first_link, last_link))),
            bool(what & _OPENS),
            bool(what & _CLOSES),
            benign,
            tuple(map(self._set, self._needs[first_need:last_need])),
        )

    def _link(self, row: int) -> Link:
        node, reach, how, beside = self._links[4 * row : 4 * row + 4]
        before, behind = self._besides[2 * beside : 2 * beside + 2] if beside >= 0 else (-1, -1)
        return Link(node, reach, bool(how & _ACROSS), bool(how & _OPTIONAL), before, behind, bool(how & _MARKED))

    def _set(self, number: int) -> _Words:
        first = self._set_ends[number - 1] if number else 0
        return frozenset(self._set_words[first : self._set_ends[number]])
