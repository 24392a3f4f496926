"""What a rule of a fault plan may say, and what is wrong with one that says something else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

ANY: Final = "any"
TRIGGERS: Final = ("nth", "match", "probability")
BOUNDED: Final = "quota"
"""The kind that needs no trigger: its own limit says when it strikes."""

_MOST_RULES: Final = 1000
_LONGEST_TEXT: Final = 1000
_MOST_NAMED: Final = 40
_WHOLE: Final = {"nth": (1, 2**31), "count": (1, 2**31), "limit": (0, 2**31), "retryAfter": (0, 3600)}
_NUMBERS: Final = {"probability": 1.0, "seconds": 600.0}
_WORDS: Final = {"references": ("any", "new"), "when": ("before", "after")}
_TEXTS: Final = ("code", "message")
_MATCHES: Final = ("reference", "sourceEvent")
_KNOWN: Final = {"operation", "kind", "match", *_WHOLE, *_NUMBERS, *_WORDS, *_TEXTS}


@dataclass(frozen=True)
class Misfit:
    """One thing that is wrong with a plan, and where."""

    path: str
    message: str


class PlanError(Exception):
    """The plan makes no sense; the one before it stays in force."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        super().__init__(f"The plan has {len(misfits)} fault(s), the first at {misfits[0].path}: {misfits[0].message}.")
        self.misfits = tuple(misfits)


def check(
    rules: Sequence[object], allowed: Mapping[str, tuple[str, ...]], needs: Mapping[str, tuple[str, ...]]
) -> list[Misfit]:
    """Everything that is wrong. `allowed` are the operations of each kind, `needs` the parameters of some."""
    if len(rules) > _MOST_RULES:
        return [Misfit("plan", f"has {len(rules)} rules; {_MOST_RULES} are allowed")]
    return [misfit for place, rule in enumerate(rules) for misfit in _misfits(f"plan[{place}]", rule, allowed, needs)]


def _misfits(
    path: str, rule: object, allowed: Mapping[str, tuple[str, ...]], needs: Mapping[str, tuple[str, ...]]
) -> Iterator[Misfit]:
    if not isinstance(rule, dict):
        yield Misfit(path, "must be an object")
        return
    shapes = [*_strangers(path, rule), *_numbers(path, rule), *_words(path, rule)]
    yield from shapes
    kind, operation = str(rule.get("kind")), rule.get("operation")
    operations = {name for names in allowed.values() for name in names} | {ANY}
    if kind not in allowed:
        yield Misfit(f"{path}.kind", f"must be one of {', '.join(allowed)}")
    if operation not in operations:
        names = ", ".join(sorted(operations))
        yield Misfit(
            f"{path}.operation",
            f"must be one of {names}" if len(operations) <= _MOST_NAMED else "is none; GET /_control/faults names them",
        )
    if shapes or kind not in allowed or operation not in operations:
        return
    triggers = sum(trigger in rule for trigger in TRIGGERS)
    if triggers != (0 if kind == BOUNDED else 1):
        few = "takes none of" if kind == BOUNDED else "must have exactly one of"
        yield Misfit(path, f"{few} {', '.join(TRIGGERS)}")
    if operation not in (*allowed[kind], ANY):
        some = allowed[kind] if len(allowed[kind]) <= _MOST_NAMED else ("what GET /_control/faults names",)
        yield Misfit(path, f"{kind} applies to {' and '.join(some)} only")
    for name in needs.get(kind, ()):
        if name not in rule:
            yield Misfit(f"{path}.{name}", f"is missing; {kind} needs it")


def _strangers(path: str, rule: Mapping[str, Any]) -> Iterator[Misfit]:
    for name in rule:
        if name not in _KNOWN:
            yield Misfit(f"{path}.{name}", "is nothing that a rule has")


def _numbers(path: str, rule: Mapping[str, Any]) -> Iterator[Misfit]:
    for name, (lowest, highest) in _WHOLE.items():
        value = rule.get(name, lowest)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            yield Misfit(f"{path}.{name}", f"must be a whole number from {lowest} to {highest}")
    for name, most in _NUMBERS.items():
        value = rule.get(name, 0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
            yield Misfit(f"{path}.{name}", f"must be a number from 0 to {most:g}")


def _words(path: str, rule: Mapping[str, Any]) -> Iterator[Misfit]:
    for name, words in _WORDS.items():
        if rule.get(name, words[0]) not in words:
            yield Misfit(f"{path}.{name}", f"must be one of {', '.join(words)}")
    for name in _TEXTS:
        value = rule.get(name, "-")
        if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_TEXT:
            yield Misfit(f"{path}.{name}", f"must be text of 1 to {_LONGEST_TEXT} characters")
    yield from _match(f"{path}.match", rule.get("match", {"reference": "-"}))


def _match(path: str, match: object) -> Iterator[Misfit]:
    if not isinstance(match, dict) or not match or not match.keys() <= set(_MATCHES):
        yield Misfit(path, "must name reference, sourceEvent, or both, and nothing else")
    elif not all(isinstance(value, str) and value for value in match.values()):
        yield Misfit(path, "must name them as text")
