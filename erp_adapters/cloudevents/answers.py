"""What a receiver's answer means for what was sent.

The receiver has promised to recognise an event's id. So an answer that says "it failed" may be followed by another
try; only a call without any answer is in doubt, and is sent once more under the same id.
"""

from http import HTTPStatus
from typing import Final

from sidecar.domain.delivery import ErpId, ErpMessage, Evidence, Outcome, Result
from sidecar.transport import Answer, NoAnswer, retry_after

_LONGEST_WORDS: Final = 500
_ADDRESS: Final = "check base_url in the blueprint"
_CREDENTIALS: Final = "check the receiver's token in the settings"
_NOT_SENT: Final = {
    **dict.fromkeys(range(300, 400), _ADDRESS),
    **dict.fromkeys((401, 403, 407), _CREDENTIALS),
    **dict.fromkeys((404, 405, 410, 421), _ADDRESS),
}
"""Statuses under which nothing was done, and nothing will be until somebody mends the settings."""

_LATER: Final = frozenset({408, 409, 423, 425, 429, *range(500, 600)})


def result_of(reply: Answer | NoAnswer, number: str) -> Result:
    """Classify a reply; `number` stands for the receiver's document, which it does not have."""
    match reply:
        case NoAnswer(sent=sent, reason=reason, duration=duration, hint=hint):
            outcome = Outcome.UNKNOWN if sent else Outcome.NOT_SENT
            evidence = Evidence(bytes_sent=sent, duration=duration)
            message = ErpMessage("error", "NO_ANSWER", reason)
            return Result(outcome, messages=(message,), hint=hint, evidence=evidence)
        case Answer(status=status):
            evidence = Evidence(status, bytes_sent=True, duration=reply.duration)
            if HTTPStatus(200) <= status < HTTPStatus(300):
                return Result(Outcome.CONFIRMED, erp_id=ErpId(number), erp_number=number, evidence=evidence)
            words = reply.content[:_LONGEST_WORDS].decode("utf-8", "replace")
            message = ErpMessage("error", f"HTTP {status}", words)
            outcome = _outcome(status)
            return Result(
                outcome,
                messages=(message,),
                retry_after=retry_after(reply.headers),
                hint=_NOT_SENT.get(status, ""),
                evidence=evidence,
            )


def _outcome(status: int) -> Outcome:
    if status in _NOT_SENT:
        return Outcome.NOT_SENT
    return Outcome.RETRY_LATER if status in _LATER else Outcome.REJECTED_INVALID
