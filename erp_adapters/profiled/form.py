"""What the parts of a profile are written with: expressions, templates, paths."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator

from erp_adapters.mapping import Expression, Node, TemplateError, parse_template
from sidecar.configuration import invalid, shown


def _expression(value: object) -> Expression:
    try:
        return Expression.parse(value)
    except TemplateError as error:
        raise invalid(error.found, error.allowed) from error


def _template(value: object) -> Node:
    try:
        return parse_template(value)
    except TemplateError as error:
        raise invalid(f"{error.found} at {error.at}" if error.at else error.found, error.allowed) from error


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("/") or not value.isascii() or " " in value:
        raise invalid(shown(value), "a path such as /api/orders/{id}")
    left = value.replace("{id}", "")
    if "{" in left or "}" in left or "?" in left:
        raise invalid(shown(value), "a path with no placeholder but {id}, and without a query")
    return value


Jmes = Annotated[Expression, PlainValidator(_expression)]
Template = Annotated[Node, PlainValidator(_template)]
Path = Annotated[str, BeforeValidator(_path)]
Text = Annotated[str, Field(strict=True, min_length=1)]
Count = Annotated[int, Field(strict=True, ge=1)]


class Part(BaseModel):
    """A table of the profile: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, hide_input_in_errors=True)
