"""Slips: small edits of our answer that need no words of their own.

Something is left out, two names have changed places, or another word
stands there. They are tried when no named mistake fits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .edits import Span
from .outcome import Part, say

SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
SIGNS |= {ast.MatMult: "@", ast.Pow: "**"}
OTHER = {"+": "-", "-": "+", "*": "/", "/": "*"}
KIN = (("mean", "sum", "min", "max"), ("argmin", "argmax"))
KIN += (("any", "all"), ("log10", "log"))


@dataclass(frozen=True)
class Slip:
    """An edit and what to say of it; as a mistake, without its words."""

    id: str
    did: str
    spans: tuple[Span, ...]

    def parts(self) -> tuple[Part, ...]:
        """Return the words for an outcome."""
        return (say(self.did),)


class _Text:
    """A source, and where its nodes stand in it."""

    def __init__(self, source: str) -> None:
        self.source, self.starts = source, [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = source.splitlines()

    def at(self, line: int, column: int) -> int:
        """Turn a line and a column, in bytes, into a place."""
        before = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(before)

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return from where to where a node stands."""
        return self.at(node.lineno, node.col_offset), self.at(
            node.end_lineno, node.end_col_offset
        )

    def of(self, node: ast.AST) -> str:
        """Return the text of a node."""
        return self.source[slice(*self.span(node))]

    def sign_of(self, node: ast.BinOp) -> int:
        """Return where the sign between two sides stands."""
        after = self.span(node.left)[1]
        return self.source.index(SIGNS[type(node.op)], after)


def slips(source: str) -> tuple[Slip, ...]:
    """Return the slips of an answer, the plainest first."""
    text, (answer,) = _Text(source), ast.parse(source).body
    nodes = [n for part in answer.body for n in ast.walk(part)]
    less = [
        Slip("left-out", f"You left out: {' '.join(gone.split())}", (span,))
        for node in nodes
        for span, gone in _fewer(text, node)
    ]
    return (*less, *_exchanged(text, nodes), *_others(text, answer, nodes))


def _fewer(text: _Text, node: ast.AST) -> Iterator[tuple[Span, str]]:
    """Yield the node with a part of it gone, and that part."""
    if not hasattr(node, "end_lineno"):
        return
    (start, end), all_of_it = text.span(node), text.of(node)
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        at = text.sign_of(node)
        after = at + len(SIGNS[type(node.op)])
        before, behind = text.source[start:at], text.source[after:end]
        yield (start, end, before.rstrip()), text.source[at:end]
        yield (start, end, behind.lstrip()), text.source[start:after]
    elif isinstance(node, ast.Call) and node.keywords:
        first = text.span(node.keywords[0])[0]
        yield (first, end - 1, ""), text.source[first : end - 1]
    elif isinstance(node, ast.Call) and node.args:
        new = f"({text.of(node.args[0])})"
        yield (start, end, new), text.of(node.func)
    elif isinstance(node, ast.Call | ast.Subscript) or (
        isinstance(node, ast.Attribute) and node.attr in ("T", "real")
    ):
        inner = node.func if isinstance(node, ast.Call) else node
        new = text.of(getattr(inner, "value", inner))
        yield (start, end, new), all_of_it.removeprefix(new)
    elif isinstance(node, ast.IfExp):
        for new in (text.of(node.body), text.of(node.orelse)):
            yield (start, end, new), all_of_it.replace(new, "…", 1)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        for gone in map(text.of, node.elts):
            kept = [e for e in map(text.of, node.elts) if e != gone]
            yield (start, end, f"[{', '.join(kept)}]"), gone
    elif isinstance(node, ast.stmt) and not isinstance(node, ast.Return):
        yield (start, end, "pass"), all_of_it


def _exchanged(text: _Text, nodes: list[ast.AST]) -> Iterator[Slip]:
    """Yield what results when two names change places where read."""
    read: dict[str, list[ast.Name]] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            read.setdefault(node.id, []).append(node)
        value = getattr(node, "value", None)
        if isinstance(node, ast.Return) and isinstance(value, ast.Tuple):
            new = ", ".join(map(text.of, reversed(value.elts)))
            spans = ((*text.span(value), new),)
            did = f"You return {new}; wanted is {text.of(value)}."
            yield Slip("order-swapped", did, spans)
    for a, b in combinations(read, 2):
        spans = [(*text.span(n), b) for n in read[a]]
        spans += [(*text.span(n), a) for n in read[b]]
        yield Slip("exchanged", f"You exchanged {a} and {b}.", (*spans,))


def _others(
    text: _Text, answer: ast.FunctionDef, nodes: list[ast.AST]
) -> Iterator[Slip]:
    """Yield what results when another word or sign stands somewhere."""
    names = [a.arg for a in ast.walk(answer) if isinstance(a, ast.arg)]
    names += [
        n.id
        for n in nodes
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    ]
    for node in nodes:
        for (start, end), new in _instead(text, node, names):
            did = f"You have {new} where {text.source[start:end]} belongs."
            yield Slip("another-there", did, ((start, end, new),))


def _instead(
    text: _Text, node: ast.AST, names: list[str]
) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield a place in the node, and what may stand there."""
    if isinstance(node, ast.BinOp) and type(node.op) in SIGNS:
        sign, at = SIGNS[type(node.op)], text.sign_of(node)
        if sign in OTHER:
            yield (at, at + 1), OTHER[sign]
    elif isinstance(node, ast.Attribute):
        end = text.span(node)[1]
        for kin in (kin for kin in KIN if node.attr in kin):
            for other in (other for other in kin if other != node.attr):
                yield (end - len(node.attr), end), other
    elif isinstance(node, ast.keyword) and node.arg == "axis":
        for other in (n for n in "012" if n != text.of(node.value)):
            yield text.span(node.value), other
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        known = dict.fromkeys(names if node.id in names else ())
        for other in (name for name in known if name != node.id):
            yield text.span(node), other
