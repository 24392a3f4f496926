"""What both configuration files share: durations, and sentences that name file, key, what was found, what is allowed.

A field's description in a pydantic model is the text that stands after "allowed:", so a model documents itself
and explains itself with the same words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from sidecar.domain.errors import ConfigurationError

Model = TypeVar("Model", bound=BaseModel)

_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
_DURATION: Final = re.compile(r"([0-9]{1,6})(ms|s|m|h|d)", re.ASCII)
_LONGEST: Final = timedelta(days=366)
_SHOWN: Final = 60


class Part(BaseModel):
    """A table of a file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


CredentialName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$")]
NonEmpty = Annotated[str, Field(min_length=1, max_length=255)]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file, at a dotted key; `hint` where one command mends it."""

    key: str
    found: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.key}: found {self.found}, allowed: {self.allowed}"


def refusal(source: object, problems: Sequence[Problem], *, hint: str) -> ConfigurationError:
    """The one error that tells everything that is wrong in a file, a line for each problem."""
    hints = [problem.hint for problem in problems if problem.hint]
    lines = [f"{source}: {problem}" for problem in problems]
    return ConfigurationError("\n".join(lines), hint="; ".join(dict.fromkeys(hints)) or hint)


def invalid(found: str, allowed: str) -> PydanticCustomError:
    """What a validator raises: the two halves of a problem's sentence."""
    return PydanticCustomError("refused", "refused", {"found": found, "allowed": allowed})


def validated(model: type[Model], values: object, at: str, problems: list[Problem]) -> Model | None:
    """Read values into a model; None where something is wrong, which is then among the problems."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems.extend(problems_in(error, model, at))
        return None


def problems_in(error: ValidationError, model: type[BaseModel], at: str = "") -> list[Problem]:
    """Put each error of pydantic into our words; values of secret fields are not repeated."""
    return [_problem(details, model, at) for details in error.errors(include_url=False)]


def shown(value: object) -> str:
    """A value as a person wrote it, short enough for one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case Mapping():
            return "a table of keys"
        case list() | tuple():
            return "a list"
        case str():
            return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "...")
        case _:
            return str(value)[:_SHOWN]


def listed(names: Iterable[str]) -> str:
    """Names as a sentence lists them."""
    return ", ".join(names)


def dotted(at: str, steps: Iterable[int | str]) -> str:
    """A key's path: `destinations.erp.release[0].when`."""
    path = at
    for step in steps:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def duration_of(text: str) -> timedelta | None:
    """Read `250ms`, `30s`, `5m`, `2h` or `7d`; None for anything else and for more than a year."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    duration = int(match[1]) * _UNITS[match[2]]
    return duration if duration <= _LONGEST else None


def _duration(value: object) -> timedelta:
    duration = duration_of(value) if isinstance(value, str) else None
    if duration is None:
        raise invalid(shown(value), "a duration such as 250ms, 30s, 5m, 2h or 7d, up to a year")
    return duration


def _not_zero(value: timedelta) -> timedelta:
    if not value:
        raise invalid("no time at all", "a duration above zero")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
PositiveDuration = Annotated[Duration, AfterValidator(_not_zero)]


def _problem(details: Mapping[str, Any], model: type[BaseModel], at: str) -> Problem:
    steps = [step for step in details["loc"] if step != "[key]"]
    context = details.get("ctx", {})
    field, owner = _field_at(model, steps)
    key = dotted(at, steps) or "the file"
    match details["type"]:
        case "extra_forbidden":
            return Problem(key, "an unknown key", listed(owner.model_fields))
        case "missing":
            return Problem(key, "nothing", _allowed(field, details))
        case "enum" | "literal_error":
            found, allowed = shown(details["input"]), listed(re.findall(r"'([^']*)'", context["expected"]))
        case "refused":
            found, allowed = context["found"], context["allowed"]
        case "model_type" | "dict_type" if isinstance(details["input"], str):
            found, allowed = "text", _allowed(field, details)
        case _:
            found, allowed = shown(details["input"]), _allowed(field, details)
    return Problem(key, "a value that is not shown here" if _secret(field) else found, allowed)


def _allowed(field: FieldInfo | None, details: Mapping[str, Any]) -> str:
    return (field.description if field is not None else None) or str(details["msg"])


def _secret(field: FieldInfo | None) -> bool:
    return field is not None and (field.annotation is SecretStr or SecretStr in get_args(field.annotation))


def _field_at(model: type[BaseModel], steps: Sequence[int | str]) -> tuple[FieldInfo | None, type[BaseModel]]:
    """The innermost field on the way to a value, and the model that the last step was looked up in."""
    field: FieldInfo | None = None
    owner, inner = model, _innermost(model)
    for step in steps:
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            owner = inner
            field = inner.model_fields.get(str(step))
            if field is None:
                break
            inner = _innermost(field.annotation)
        else:
            inner = _innermost(_element(inner))
    return field, owner


def _innermost(annotation: object) -> object:
    """Take `Annotated` and `| None` off a type."""
    while hasattr(annotation, "__metadata__") or type(None) in get_args(annotation):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    return annotation


def _element(annotation: object) -> object:
    """The type of a container's values."""
    parts = [part for part in get_args(annotation) if part is not Ellipsis]
    return parts[-1] if parts else None
