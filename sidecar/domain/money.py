"""Money and quantities: Decimal from string to string, never a float."""

import re
from decimal import Decimal

_DECIMAL = re.compile(r"-?\d{1,16}(\.\d{1,12})?\Z")
ZERO = Decimal(0)


def decimal_of(text: object) -> Decimal:
    """Read a decimal string as the database prints it; raise ValueError for anything else, floats included."""
    if isinstance(text, str) and _DECIMAL.match(text):
        return Decimal(text)
    message = f"{text!r} is not a decimal string such as '12.3400'"
    raise ValueError(message)


def text_of(value: Decimal) -> str:
    """Print a decimal plainly: no exponent, no rounding."""
    return format(value, "f")


def differs(left: Decimal, right: Decimal, tolerance: Decimal) -> bool:
    """Tell whether two amounts lie further apart than the tolerance, in the amounts' own unit."""
    return abs(left - right) > tolerance
