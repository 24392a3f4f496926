"""What every part of a blueprint's form is made of."""

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

_PRINTABLE: Final = r"^[^\p{C}]*[^\p{C}\s][^\p{C}]*$"


class Part(BaseModel):
    """A table of the file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def as_text(value: object) -> object:
    """Whole numbers are codes that somebody did not put in quotes."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, BeforeValidator(as_text), Field(strict=True, max_length=255, pattern=_PRINTABLE)]
