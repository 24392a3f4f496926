"""What a SOAP fault means for the effect: a table, read from top to bottom, the profile's rows first.

The question behind each row is whether it was done, and whether it may be sent again. A fault that blames the sender
(Client, Sender) was raised before the work, and is a refusal. One that blames the receiver (Server, Receiver) says
nothing about how far the work had come: UNKNOWN, unless the profile knows a code that proves that nothing was done.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from erp_adapters.mapping import Expression
from sidecar.domain.delivery import Outcome


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A fault in the words of SOAP 1.1, whatever version it came in; codes without their prefixes.

    `detail` is what stands in the detail element, as plain data.
    """

    code: str
    subcodes: tuple[str, ...]
    text: str
    detail: object

    def scope(self) -> dict[str, object]:
        """What a profile's expressions start from."""
        return {"code": self.code, "subcodes": list(self.subcodes), "text": self.text, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Fault:
    """A row: it fits when all of its conditions do; an empty one fits everything. `absent`: who asks for a document or
    for work by its key is told that there is none.
    """

    outcome: Outcome
    faults: frozenset[str] = frozenset()
    subcodes: frozenset[str] = frozenset()
    code: str | None = None
    text: re.Pattern[str] | None = None
    statuses: frozenset[int] = frozenset()
    on: frozenset[str] = frozenset()
    hint: str = ""
    missing: tuple[str, Expression] | None = None
    absent: bool = False

    def fits(self, fault: SoapFault, code: str, status: int, operation: str) -> bool:
        """Tell whether the row speaks of this fault; `code` is the ERP's own."""
        return (
            (not self.faults or fault.code in self.faults)
            and (not self.subcodes or not self.subcodes.isdisjoint(fault.subcodes))
            and (self.code is None or self.code == code)
            and (self.text is None or self.text.search(fault.text) is not None)
            and (not self.statuses or status in self.statuses)
            and (not self.on or operation in self.on)
        )


_CREDENTIALS = (
    "check the credential, its permissions at the ERP, and the clocks of both; `erp-sidecar doctor` asks again"
)
_CONTRACT = "compare the profile's WSDL with the one that the ERP serves"
_CONTENT = "correct the order in Magento or the mapping, then retry the event"

SECURITY = frozenset(
    {
        "UnsupportedSecurityToken",
        "UnsupportedAlgorithm",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "FailedAuthentication",
        "FailedCheck",
        "SecurityTokenUnavailable",
        "MessageExpired",
    }
)
"""The fault codes of WS-Security: the message was not accepted, so nothing was done."""

SOAP_FAULTS: tuple[Fault, ...] = (
    Fault(Outcome.NOT_SENT, faults=SECURITY, hint=_CREDENTIALS),
    Fault(Outcome.NOT_SENT, subcodes=SECURITY, hint=_CREDENTIALS),
    Fault(Outcome.NOT_SENT, faults=frozenset({"VersionMismatch", "MustUnderstand"}), hint=_CONTRACT),
    Fault(Outcome.NOT_SENT, faults=frozenset({"DataEncodingUnknown"}), hint=_CONTRACT),
    Fault(Outcome.NOT_SENT, statuses=frozenset({401, 403, 407}), hint=_CREDENTIALS),
    Fault(Outcome.REJECTED_INVALID, faults=frozenset({"Client"}), hint=_CONTENT),
)
"""What the codes of SOAP and WS-Security mean where the profile says nothing; anything else is UNKNOWN.

Wrong credentials and a wrong contract are NOT_SENT: nothing was done, and they would park every order.
"""


def row_for(rows: Iterable[Fault], fault: SoapFault, code: str, status: int, operation: str) -> Fault | None:
    """The first row that fits."""
    return next((row for row in rows if row.fits(fault, code, status, operation)), None)
