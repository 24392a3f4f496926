"""What Odoo's refusals mean, by the name of the exception: rows that stand before the rules of HTTP.

Measured on Odoo 19: an exception rolls the whole call back, and its name, which is part of every error body of Odoo's
own, proves that it was Odoo who spoke. A 5xx without such a body comes from whatever stands in front of it, and says
nothing of what was done. `load()` is different: it answers 200, with `ids: false` and the reasons.
"""

import re
from typing import Final

from erp_adapters.profiled.faults import Fault
from sidecar.domain.delivery import Outcome

_CREDENTIALS = (
    "check the credential: Odoo's API keys live at most three months, `erp-sidecar doctor` asks again with a new one"
)
_RIGHTS = "give the user of the credential the groups that the README names, and access to the company"
_SETTLE = "settle it in Odoo, then retry the event, or skip it"
_CONTRACT = "Odoo does not know what it was sent: compare its modules and fields with what `erp-sidecar doctor` names"

ODOO_FAULTS: Final[tuple[Fault, ...]] = (
    Fault(Outcome.NOT_SENT, code="werkzeug.exceptions.Unauthorized", hint=_CREDENTIALS),
    Fault(Outcome.NOT_SENT, code="odoo.exceptions.AccessDenied", hint=_CREDENTIALS),
    Fault(Outcome.NOT_SENT, code="odoo.exceptions.AccessError", hint=_RIGHTS),
    Fault(Outcome.NOT_SENT, code="werkzeug.exceptions.NotFound", hint=_CONTRACT),
    Fault(Outcome.REJECTED_BUSINESS, code="odoo.exceptions.UserError", hint=_SETTLE),
    Fault(Outcome.REJECTED_BUSINESS, code="odoo.exceptions.ValidationError", hint=_SETTLE),
    Fault(Outcome.REJECTED_BUSINESS, code="odoo.exceptions.RedirectWarning", hint=_SETTLE),
    Fault(Outcome.REJECTED_BUSINESS, code="odoo.exceptions.MissingError", hint="Odoo no longer has it; " + _SETTLE),
    Fault(Outcome.REJECTED_INVALID, code="werkzeug.exceptions.UnprocessableEntity", hint=_CONTRACT),
    Fault(Outcome.REJECTED_INVALID, code="builtins.ValueError", hint=_CONTRACT),
    Fault(Outcome.REJECTED_INVALID, code="builtins.TypeError", hint=_CONTRACT),
    Fault(Outcome.REJECTED_INVALID, code="builtins.KeyError", hint=_CONTRACT),
    Fault(Outcome.REJECTED_INVALID, code="builtins.AttributeError", hint=_CONTRACT),
    Fault(Outcome.RETRY_LATER, code="psycopg2.errors.SerializationFailure"),
    Fault(Outcome.RETRY_LATER, code="psycopg2.errors.DeadlockDetected"),
    Fault(Outcome.RETRY_LATER, code="psycopg2.errors.LockNotAvailable"),
)

RIVALRY: Final = re.compile(r"could not serialize access|deadlock detected|could not obtain lock|lock timeout")
"""PostgreSQL's words inside a 200 of `load()`: somebody else was at it, and this call has done nothing."""

FORBIDDEN: Final = re.compile(r"^You are not allowed to \w+ '")
"""Odoo's words inside a 200 of `load()`: the user lacks a right to all records of a model, so every document waits."""

RIGHTS: Final = _RIGHTS
UNLOADED: Final = _SETTLE
