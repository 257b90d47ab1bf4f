"""Which sentences the code can put into a refusal: read from its syntax, so that none is without its translation.

A template is what stands in the code with `{}` where a value is filled in.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path

import pcf

ROOT = Path(pcf.__file__).parent
HOLE = "{}"
DEEPEST = 6
PLACES, PARTS = "places", "parts"
"""Sections of the catalogue: where something is wrong, and what is said of it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

SENTENCES = {"CheckFailed": 0, "EnvironmentProblem": 0, "Busy": 0, "Stopped": 0, "Unfit": 1}
"""Errors of one text, with the place of it among the arguments; of `InputError` each of four is one."""

PROBLEMS = ("InputError", "UnknownName")
METHODS = ("problem", "doubt", "wrong", "need", "unknown")
"""Methods that note a problem."""

VALIDATORS = {"wrong": "pcf.custody", "ValueError": "pcf.certificate"}
"""What validators of records and of the issuer's file say that they expected, and in which room."""

VALUES = re.compile(
    r"\{\}|`[^`]*`|'[^']*'|\(R\d+\)|\bpcf(?: [a-z{}-]+)+|(?:^|(?<=[ (]))--[a-z-]+(?: [a-z{}]+$)?"
    r"|(?<!\w)\.\w+|\b\w*[._]\w+\b|\b\w+-\w+[-/]\w+\b|\b[A-Z]?[a-z]+(?:[A-Z][a-z]+)+\b"
    r"|^\w+-\w+$|\b[a-z]+\d+\b|\b\w+(?:/[\w{}]+)+|\S+://\S+|\S*sha-256;\S+|Catena-X|\bnan\b"
)
"""What is no word of a sentence: values, commands, options, identifiers."""

SAYING = ("pcf.custody.uses",)
"""Modules whose functions give the end of a sentence: by what a record is used."""

WORD = re.compile(r"[A-Za-z]{2,}")

LINKS = frozenset(["and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "or", "the", "to", "kg", "kB", "MB", "MWh"])
"""Words that alone between values say too little to be looked for: they might stand in the values as well."""


def is_sentence(template: str) -> bool:
    """Whether a template has words that a reader of another language needs."""
    words = WORD.findall(VALUES.sub(" ", template))
    if "|" in template or any("\u4e00" <= char <= "\u9fff" for char in template):
        return False
    return any(not word.isupper() and word not in LINKS for word in words)


@dataclass
class Module:
    """A module with its functions, constants and what it imports from where."""

    name: str
    tree: ast.Module
    functions: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: list[tuple[ast.Call, Function | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                self.functions.setdefault(node.name, node)
            elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("pcf"):
                self.imports |= {item.asname or item.name: (node.module, item.name) for item in node.names}
        for statement in self.tree.body:
            match statement:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=value)
                    | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
                ):
                    self.constants[name] = value
        self.calls = list(calls(self.tree))


@dataclass(frozen=True)
class Scope:
    """Where an expression stands."""

    module: Module
    function: Function | None
    place: bool = False
    """Whether it is the place of a problem."""
    inside: bool = False
    """Whether it fills a hole: then a parameter is a value."""


class Sources:
    """The templates of all modules."""

    def __init__(self) -> None:
        self.modules = {item.name: item for item in map(read_module, sorted(ROOT.rglob("*.py")))}
        self.needed: dict[str, dict[str, str]] = {PLACES: {}, PARTS: {}}
        """Template that a reader of another language needs → where it stands."""
        self.possible: dict[str, set[str]] = {PLACES: set(), PARTS: set()}
        """Those and what may have an entry: names of things, single words in holes."""
        self.handed: dict[tuple[str, str], dict[int | str, bool]] = {}
        """Function → its parameters that become a part of a refusal, and whether the place of it."""
        before = -1
        while before != (before := sum(map(len, self.handed.values()))):
            for module in self.modules.values():
                self._read(module)

    def _read(self, module: Module) -> None:
        if module.name in SAYING:
            for function in module.functions.values():
                for node in ast.walk(function):
                    if isinstance(node, ast.Return) and node.value is not None:
                        for template in self.resolve(node.value, Scope(module, function, inside=True), 0):
                            self._note(template, module, node.lineno, needed=" " in template)
        for call, function in module.calls:
            for part, place in list(self._parts(module, call, called(call))):
                for template in self.resolve(part, Scope(module, function, place), 0):
                    for piece in pieces(template) if place else [template]:
                        needed = not place or (" " in piece and ", " not in piece)
                        self._note(piece, module, call.lineno, needed=needed, kind=PLACES if place else PARTS)

    def _note(self, template: str, module: Module, line: int, *, needed: bool, kind: str = PARTS) -> None:
        self.possible[kind].add(template)
        if needed and is_sentence(template):
            self.needed[kind].setdefault(template, f"{module.name}:{line}")

    def _parts(self, module: Module, call: ast.Call, name: str) -> Iterator[tuple[ast.expr, bool]]:
        if name in SENTENCES:
            yield from ((item, False) for item in call.args[SENTENCES[name] : SENTENCES[name] + 1])
        elif module.name.startswith(VALIDATORS.get(name, "-")):
            yield from ((item, False) for item in call.args)
        elif name in PROBLEMS:
            yield from ((item, place == 0) for place, item in enumerate(call.args))
        home = module.imports.get(name, (module.name, name))[0]
        method = isinstance(call.func, ast.Attribute) and name in METHODS
        for (where, function), places in list(self.handed.items()):
            if function == name and (where == home or method):
                yield from ((item, places[at]) for at, item in enumerate(call.args) if at in places)
                yield from ((item.value, places[item.arg]) for item in call.keywords if item.arg in places)

    def resolve(self, part: ast.expr, scope: Scope, depth: int) -> set[str]:
        """All templates that an expression can become."""
        if depth > DEEPEST:
            return {HOLE}
        match part:
            case ast.Constant(value=str(value)):
                return {value}
            case ast.JoinedStr(values=values):
                return {"".join(pieces) for pieces in product(*(self._pieces(item, scope, depth) for item in values))}
            case ast.IfExp(body=body, orelse=other):
                return self.resolve(body, scope, depth + 1) | self.resolve(other, scope, depth + 1)
            case ast.BoolOp(values=values):
                return set().union(*(self.resolve(item, scope, depth + 1) for item in values))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                begins, ends = self.resolve(left, scope, depth + 1), self.resolve(right, scope, depth + 1)
                return {first + last for first, last in product(begins, ends)}
            case ast.Subscript(value=value, slice=ast.Slice()) | ast.Starred(value=value) | ast.NamedExpr(value=value):
                return self.resolve(value, scope, depth + 1)
            case ast.Tuple(elts=items):
                return set().union(*(self.resolve(item, scope, depth + 1) for item in items))
            case ast.Name(id=name):
                return self._name(name, scope, depth)
            case (
                ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=args)
                | ast.Subscript(value=ast.Name(id=name), slice=ast.expr() as args)
            ):
                return self._table(name, args if isinstance(args, list) else [], scope, depth)
            case ast.Call(func=ast.Name(id=name)):
                return self._returned(name, scope, depth)
        return {HOLE}

    def _pieces(self, part: ast.expr, scope: Scope, depth: int) -> list[str]:
        if isinstance(part, ast.Constant):
            return [str(part.value)]
        assert isinstance(part, ast.FormattedValue)
        templates = self.resolve(part.value, Scope(scope.module, scope.function, inside=True), depth + 1)
        if "" in templates and HOLE not in templates and len(templates) == 2:
            return sorted(templates)  # what is there or not is part of the sentence
        for template in templates:
            # A single word in a hole is a name; several are said to the reader.
            self._note(template, scope.module, part.lineno, needed=" " in template)
        return [HOLE]

    def _name(self, name: str, scope: Scope, depth: int) -> set[str]:
        if scope.function is not None:
            found = set().union(*(self.resolve(item, scope, depth + 1) for item in assigned(scope.function, name)))
            if found:
                return found
            every = scope.function.args
            names = [item.arg for item in (*every.posonlyargs, *every.args) if item.arg not in ("self", "cls")]
            if name in names or name in [item.arg for item in every.kwonlyargs]:
                if not scope.inside:
                    taken = self.handed.setdefault((scope.module.name, scope.function.name), {})
                    taken |= dict.fromkeys((name, *([names.index(name)] if name in names else [])), scope.place)
                return {HOLE}
        if name in scope.module.constants:
            return self.resolve(scope.module.constants[name], Scope(scope.module, None, inside=True), depth + 1)
        where, origin = scope.module.imports.get(name, ("", ""))
        if (module := self.modules.get(where)) and origin in module.constants:
            return self.resolve(module.constants[origin], Scope(module, None, inside=True), depth + 1)
        return {HOLE}

    def _table(self, name: str, args: list[ast.expr], scope: Scope, depth: int) -> set[str]:
        table = scope.module.constants.get(name)
        if not isinstance(table, ast.Dict):
            return {HOLE}
        return set().union(*(self.resolve(item, scope, depth + 1) for item in (*table.values, *args[1:])))

    def _returned(self, name: str, scope: Scope, depth: int) -> set[str]:
        where, origin = scope.module.imports.get(name, (scope.module.name, name))
        module = self.modules.get(where)
        if module is None or origin not in module.functions:
            return {HOLE}
        function = module.functions[origin]
        inner = Scope(module, function, inside=True)
        back = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value is not None]
        return set().union(*(self.resolve(item, inner, depth + 2) for item in back)) or {HOLE}


def pieces(place: str) -> list[str]:
    """Of a place what is looked up by itself: the thing, and what follows it in several words; one word is a field's name."""
    first, *others = place.split(", ")
    return [place, first, *(item for item in others if " " in item)] if others else [place]


def read_module(path: Path) -> Module:
    """A module by its path."""
    name = ".".join(("pcf", *path.relative_to(ROOT).with_suffix("").parts))
    return Module(name.removesuffix(".__init__"), ast.parse(path.read_text(encoding="utf-8")))


def called(call: ast.Call) -> str:
    """Name of what is called."""
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def calls(tree: ast.AST, function: Function | None = None) -> Iterator[tuple[ast.Call, Function | None]]:
    """Every call with the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, function
        yield from calls(node, node if isinstance(node, Function) else function)


@cache
def assigned(function: ast.AST, name: str) -> list[ast.expr]:
    """What a name of a function is made of."""
    return list(_assigned(function, name))


def _assigned(function: ast.AST, name: str) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from paired(target, value, name)
            case (
                ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value)
                | ast.NamedExpr(target=ast.Name(id=found), value=value)
            ) if found == name:
                yield value
            case (
                ast.For(target=target, iter=ast.Tuple(elts=items) | ast.List(elts=items))
                | ast.comprehension(target=target, iter=ast.Tuple(elts=items) | ast.List(elts=items))
            ):
                for item in items:
                    yield from paired(target, item, name)


def paired(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    """What of an assignment, also of several at once, goes to a name."""
    match target, value:
        case ast.Name(id=found), _ if found == name:
            yield value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from paired(one, other, name)
        case ast.Tuple(elts=targets), ast.IfExp(body=body, orelse=orelse):
            yield from paired(target, body, name)
            yield from paired(target, orelse, name)
