"""YAML without surprises: no repeated keys, no floats, no dates, no `no` that means false, and bounds on everything.

Plain values are text, whole numbers, `true`, `false` or `null`. A number with a point stays text, so that money
never passes through a binary float, and `0010` stays the plant code that it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from sidecar.configuration import Problem, dotted, shown

_LARGEST_FILE: Final = 256 * 1024
_DEEPEST: Final = 16
_MOST_ALIASES: Final = 100
_MOST_VALUES: Final = 20_000


class _PlainLoader(yaml.SafeLoader):
    """A safe loader whose plain values are read as the module says."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own form


_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), list("tf"))
_PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]{0,17})\Z"), list("-0123456789")
)
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(null|~|)\Z"), ["n", "~", ""])
_SCALARS: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "int", "null", "str"))


def read_yaml(path: Path) -> tuple[object, list[Problem]]:
    """Read a file; what is wrong with it as YAML is among the problems, the rest is still given where it can be."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        return None, [Problem("the file", str(error.strerror).lower(), "a file that this user may read")]
    if len(raw) > _LARGEST_FILE:
        return None, [Problem("the file", f"more than {_LARGEST_FILE} bytes", f"up to {_LARGEST_FILE} bytes")]
    try:
        text = raw.decode("utf-8")
        unbounded = _unbounded(text)
        if unbounded is not None:
            return None, [unbounded]
        node = yaml.compose(text, Loader=_PlainLoader)
    except UnicodeDecodeError as error:
        return None, [Problem("the file", f"bytes that are not UTF-8 at offset {error.start}", "UTF-8 text")]
    except yaml.YAMLError as error:
        return None, [Problem("the file", _words_of(error), "one YAML document")]
    if node is None:
        return None, [Problem("the file", "nothing in it", "one YAML document")]
    builder = _Builder()
    try:
        value = builder.value_of(node, "")
    except _Unbounded as error:
        return None, [error.problem]
    return value, builder.problems


def _unbounded(text: str) -> Problem | None:
    """Look at the flat stream of parts first: building deep or repeated structures is what costs."""
    depth = aliases = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        match event:
            case yaml.CollectionStartEvent():
                depth += 1
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.AliasEvent():
                aliases += 1
            case _:
                continue
        if depth > _DEEPEST:
            return Problem(_line(event), f"more than {_DEEPEST} levels", f"up to {_DEEPEST} levels")
        if aliases > _MOST_ALIASES:
            return Problem(_line(event), f"more than {_MOST_ALIASES} aliases", f"up to {_MOST_ALIASES} aliases")
    return None


class _Unbounded(Exception):
    """Aliases made more of the file than a blueprint can be."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class _Builder:
    """Turns nodes into values and knows each value's path."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._values = 0
        self._open: list[yaml.Node] = []

    def value_of(self, node: yaml.Node, path: str) -> object:
        self._values += 1
        if self._values > _MOST_VALUES or any(node is above for above in self._open):
            raise _Unbounded(
                Problem(path, "an alias that blows up the file", f"up to {_MOST_VALUES} values, none inside itself")
            )
        self._open.append(node)
        value: object
        match node:
            case yaml.MappingNode():
                value = self._mapping_of(node, path)
            case yaml.SequenceNode():
                value = [self.value_of(item, dotted(path, [index])) for index, item in enumerate(node.value)]
            case _:
                value = self._scalar_of(node, path)
        self._open.pop()
        return value

    def _mapping_of(self, node: yaml.MappingNode, path: str) -> dict[str, object]:
        first_seen: dict[str, yaml.Node] = {}
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._scalar_of(key_node, path) if isinstance(key_node, yaml.ScalarNode) else None
            if isinstance(key, bool) or not isinstance(key, str | int):
                found = f"{shown(key)} as a key on {_line(key_node)}"
                self.problems.append(
                    Problem(path or "the file", found, "text as a key, in quotes where it is a word of YAML")
                )
                continue
            name, at = str(key), dotted(path, [str(key)])
            if name in first_seen:
                found = f"the key a second time on {_line(key_node)}, first on {_line(first_seen[name])}"
                self.problems.append(Problem(at, found, "each key once"))
                continue
            first_seen[name] = key_node
            values[name] = self.value_of(value_node, at)
        return values

    def _scalar_of(self, node: yaml.Node, path: str) -> str | int | bool | None:
        if node.tag not in _SCALARS:
            self.problems.append(Problem(path or "the file", f"the tag {node.tag}", "plain values without tags"))
            return None
        text: str = node.value
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool" if text in ("true", "false"):
                return text == "true"
            case "int" if re.fullmatch(r"-?[0-9]{1,18}", text):
                return int(text)
            case _:
                return text


def _line(part: yaml.Node | yaml.Event) -> str:
    mark = part.start_mark
    return f"line {mark.line + 1}" if mark is not None else "an unknown line"


def _words_of(error: yaml.YAMLError) -> str:
    def words() -> Iterator[str]:
        mark = getattr(error, "problem_mark", None)
        if mark is not None:
            yield f"line {mark.line + 1}, column {mark.column + 1}:"
        yield str(getattr(error, "problem", None) or getattr(error, "reason", None) or "what YAML does not allow")

    return " ".join(words())
