"""Rows of erp_operator_action: what a person did and why, written in the transaction that does it."""

from sidecar.mysql.rows import clip
from sidecar.mysql.session import Session, Work


class Actions:
    """Writes inside a transaction that somebody else has opened."""

    def __init__(self, session: Session) -> None:
        """Use this session's table prefix."""
        self._sql = session.statements("insights")

    def record(
        self,
        work: Work,
        action: str,
        actor: str,
        reason: str,
        *,
        destination: str = "",
        event: int | None = None,
        lane: str | None = None,
    ) -> None:
        """Append one action."""
        work.run(
            self._sql["record_action"],
            action=action,
            actor=clip(actor, 128),
            reason=clip(reason, 1024),
            destination=destination,
            event=event,
            lane=lane,
            state=None,
            fault=None,
        )
