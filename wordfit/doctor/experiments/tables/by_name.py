"""Weights that the program's own text holds still by their name: is there any of that name?

`for name, p in model.named_parameters(): if name.startswith("embedding"): p.requires_grad = False` raises nothing
where the table is called `encoder.embedding`. Only tests of the name alone are asked; texts that the program writes out
once under a name of their own (`FREEZE = ["embedding"]`) count as written out in the test.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wordfit.doctor.bench import Bench

WORDS = {"any": any, "all": all, "len": len, "re": re}  # what a test of a name may call
NOTHING: Mapping[str, Any] = MappingProxyType({})
METHODS = {"startswith", "endswith", "lower", "split", "find", "count", "match", "search", "fullmatch"}
PARTS = (
    ast.Constant, ast.Name, ast.Call, ast.Attribute, ast.Compare, ast.BoolOp, ast.UnaryOp, ast.GeneratorExp,
    ast.ListComp, ast.comprehension, ast.Tuple, ast.List, ast.Set, ast.Subscript, ast.Slice, ast.cmpop, ast.boolop,
    ast.unaryop, ast.expr_context,
)  # fmt: skip


def held_by_name(bench: Bench) -> list[dict[str, Any]]:
    """Tests of names, of which weights are to be held still, that no weight passes; and none is held still."""
    weights = [row for model in bench.names.models for row in model.named_parameters()]
    heard = any(w.name == "requires_grad.__set__" and w.parameter and not w.value for w in bench.recorder.writes)
    if heard or not all(p.requires_grad for _, p in weights):
        return []
    found = []
    for file in sorted({s[0] for s in bench.recorder.made.values() if s is not None})[:20]:
        try:
            tree = ast.parse(Path(file).read_text(encoding="utf-8"))
        except (OSError, SyntaxError, UnicodeDecodeError):
            continue
        texts = _written_out(tree)
        for variable, test in _selections(tree, texts):
            if not any(_passes(test, variable, name, texts) for name, _ in weights):
                found.append({"test": ast.unparse(test), "file": file, "line": test.lineno})
    return found


def _written_out(tree: ast.Module) -> dict[str, Any]:
    """Texts, and collections of them, that are given a name once and that nothing else is done with but to ask them.

    An empty one is left out: it says that nothing is to be held still.
    """
    names = [n for n in ast.walk(tree) if isinstance(n, ast.Name)]
    asked = {id(part) for node in ast.walk(tree) for part in _asked(node)}
    given = {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
    found = {}
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.Assign)):
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name) or target.id in given:
            continue
        others = [n for n in names if n.id == target.id and n is not target]
        if all(id(n) in asked for n in others) and _is_text(value := _literal(node.value)):
            found[target.id] = value
    return found


def _asked(node: ast.AST) -> list[ast.expr]:
    """What a part of a program only looks at."""
    match node:
        case ast.Compare():
            return node.comparators
        case ast.Call():
            return node.args
        case ast.For() | ast.comprehension():
            return [node.iter]
        case ast.FormattedValue():
            return [node.value]
    return []


def _literal(value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except ValueError:
        return None


def _is_text(value: Any) -> bool:
    """A text, or a collection of texts; none of them empty."""
    parts = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple, set)) else []
    return bool(parts) and all(isinstance(v, str) and v for v in parts)


def _selections(tree: ast.Module, texts: Mapping[str, Any] = NOTHING) -> Iterator[tuple[str, ast.expr]]:
    """What weights are called that are gone through, whatever else holds, with the test that holds one still."""
    bodies = [tree.body]
    bodies += [n.body for n in tree.body if isinstance(n, ast.If) and "__name__" in ast.unparse(n.test)]
    bodies += [n.body for n in tree.body if isinstance(n, ast.FunctionDef)]
    for loop in (n for body in bodies for n in body if isinstance(n, ast.For)):
        over, pair = loop.iter, loop.target
        if not isinstance(over, ast.Call) or getattr(over.func, "attr", "") != "named_parameters":
            continue
        if not isinstance(pair, ast.Tuple) or not all(isinstance(e, ast.Name) for e in pair.elts):
            continue
        variable, weight = (e.id for e in pair.elts if isinstance(e, ast.Name))
        for test in (n for n in loop.body if isinstance(n, ast.If)):
            if any(_holds_still(s, weight) for s in test.body) and _is_of(test.test, {variable, *texts}, variable):
                yield variable, test.test


def _holds_still(statement: ast.stmt, weight: str) -> bool:
    """`weight.requires_grad = False`, or `weight.requires_grad_(False)`."""
    said = ast.unparse(statement)
    return said in (f"{weight}.requires_grad = False", f"{weight}.requires_grad_(False)")


def _is_of(test: ast.expr, known: set[str], variable: str) -> bool:
    """Whether nothing but a name, what is written out, and plain calls of text have a part in a test."""
    nodes = list(ast.walk(test))
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    names = {n.id for n in nodes if isinstance(n, ast.Name)}
    calls = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    plain = all(isinstance(n, PARTS) for n in nodes)
    return plain and variable in names and names <= {*known, *own, *WORDS} and calls <= METHODS


def _passes(test: ast.expr, variable: str, name: str, texts: Mapping[str, Any] = NOTHING) -> bool:
    """What the test says of a name; whatever it raises says nothing."""
    try:
        known = {"__builtins__": {}, **WORDS, **texts, variable: name}
        return bool(eval(compile(ast.Expression(test), "<test of a name>", "eval"), known))  # of the parts above only
    except Exception:
        return True
