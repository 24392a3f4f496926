"""The ERP's number as an order of Magento can show it: whole, or shortened by a rule that somebody has chosen.

`sales_order.ext_order_id` holds 32 characters, and Magento's own code cuts what is longer without a word. A number
that fits is never touched; a longer one is shown by the blueprint's rule or not at all.
"""

from dataclasses import dataclass
from typing import Final

from sidecar.domain.errors import ConfigurationError

NUMBER_LIMIT: Final = 32
"""sales_order.ext_order_id is varchar(32)."""


@dataclass(frozen=True, slots=True)
class NumberRule:
    """How a number that does not fit is shown: its `last` characters, what stands after the last `after`, or all of
    it without each `without`. One of the three; none of them: such a number is refused.
    """

    last: int = 0
    after: str = ""
    without: str = ""

    def shown(self, number: str) -> str:
        """The number as Magento shows it. Raises ConfigurationError where no rule makes it fit."""
        if len(number) <= NUMBER_LIMIT:
            return number
        short = self._shortened(number)
        if short and len(short) <= NUMBER_LIMIT:
            return short
        message = (
            f"the ERP's number {number} has {len(number)} characters; sales_order.ext_order_id holds {NUMBER_LIMIT}"
        )
        if short != number:
            message = f"{message}, and the blueprint's rule makes {short!r} of it"
        raise ConfigurationError(message, hint=self._hint(number))

    def _shortened(self, number: str) -> str:
        if self.last:
            return number[-self.last :]
        if self.after:
            return number.rpartition(self.after)[2]
        return number.replace(self.without, "") if self.without else number

    @staticmethod
    def _hint(number: str) -> str:
        rules = [f"number: {{last: {NUMBER_LIMIT}}}"]
        for sign in "-/. ":
            if sign in number and len(number.replace(sign, "")) <= NUMBER_LIMIT:
                rules.append(f'number: {{without: "{sign}"}}')
            elif sign in number and 0 < len(number.rpartition(sign)[2]) <= NUMBER_LIMIT:
                rules.append(f'number: {{after: "{sign}"}}')
        return f"write into the blueprint's destination how it is shown: {' or '.join(rules)}"
