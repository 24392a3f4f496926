"""What the ledger remembers beside documents: refusals that were answered, faults that struck."""

from erp_adapters.sandbox.answers import Answer, JsonObject, RefusedError
from erp_adapters.sandbox.call import Call
from erp_adapters.sandbox.ledger import Writing, as_text
from erp_adapters.sandbox.plane import Rule

LONGEST_NOTE = 255


def note_fault(books: Writing, call: Call, rule: Rule, answer: Answer | None, lost: JsonObject) -> None:
    """Write down that a fault struck, and which document it touched."""
    books.run(
        "insert_fault",
        kind=rule.kind.value,
        operation=call.operation,
        reference=" ".join(call.references) or None,
        source_event=call.source_event,
        number=answer.document if answer else None,
        detail=as_text(lost),
    )


def note_refusal(
    books: Writing,
    refused: RefusedError,
    operation: str | None = None,
    reference: object = None,
    source_event: object = None,
) -> None:
    """Write down that a request was refused, with as much of it as was understood."""
    books.run(
        "insert_refusal",
        operation=operation,
        reference=_as_note(reference),
        source_event=_as_note(source_event),
        status=refused.answer.status,
        code=refused.code,
        message=_as_note(refused.message),
    )


def _as_note(value: object) -> str | None:
    """Shorten what a caller sent, and keep it writable whatever it is."""
    if not isinstance(value, str):
        return None
    return value[:LONGEST_NOTE].encode("utf-8", "replace").decode()
