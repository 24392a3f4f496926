"""Leases: who owns a role, judged by the database's clock alone.

Free is what has never been owned, what expired by the clock of this database, and what is ours already. Each
acquisition raises the token. For the roles that write a stream the token goes onto the cursor row of that stream in
the same transaction: whoever quotes an older one from then on writes nothing.
"""

from collections.abc import Mapping
from typing import Final

from sidecar.domain.delivery import ChangeKind
from sidecar.domain.events import DestinationName
from sidecar.domain.lease import LeaseTerms
from sidecar.domain.start import Beginning
from sidecar.mysql.beginnings import Beginnings
from sidecar.mysql.fence import DOCUMENTS, STOCK
from sidecar.mysql.rows import microseconds
from sidecar.mysql.session import Session, Work

FENCED: Final = {"relay": DOCUMENTS, "stock": STOCK}
"""The roles that write a stream, whose scope is the destination."""

CHANGES: Final = "changes"
"""The role that reads an ERP's changes, whose scope is the destination; its token lies on their cursors."""

STOCK_FEED: Final = "stock_feed"
"""The role that brings an ERP's stock into Magento, whose scope is the destination; its token lies on its readings."""


class LeaseStore:
    """Takes, renews and releases leases; give it a session of its own, such as `session.apart()`."""

    def __init__(self, session: Session, beginnings: Mapping[DestinationName, Beginning] | None = None) -> None:
        """Read and write through this session; destinations that are not named begin with the outbox."""
        self._session = session
        self._beginnings = Beginnings(session, beginnings or {})
        self._sql = session.statements("lease_store")

    def acquire(self, role: str, scope: str, owner: str, terms: LeaseTerms) -> int | None:
        """Take the lease and return a token larger than every one before; None when somebody else owns it."""

        def body(work: Work) -> int | None:
            ttl_us = microseconds(terms.ttl)
            taken = work.run(self._sql["take_lease"], role=role, scope=scope, owner=owner, ttl_us=ttl_us)
            if not taken and not work.run(self._sql["make_lease"], role=role, scope=scope, owner=owner, ttl_us=ttl_us):
                return None
            token = int(work.rows(self._sql["read_token"], role=role, scope=scope)[0]["token"])
            if role == CHANGES:
                return self._fence_out_reader(work, scope, token)
            return self._fence_out(work, role, scope, token) if role in FENCED else token

        return self._session.transaction(body)

    def renew(self, role: str, scope: str, owner: str, token: int, terms: LeaseTerms) -> bool:
        """Extend the lease; False when it is lost."""
        ttl_us = microseconds(terms.ttl)
        with self._session.reading() as work:
            renewed = work.run(
                self._sql["renew_lease"], role=role, scope=scope, owner=owner, token=token, ttl_us=ttl_us
            )
        return renewed == 1

    def release(self, role: str, scope: str, owner: str, token: int) -> None:
        """Give the lease up, if it is still ours, so that a successor need not wait."""
        self._session.transaction(
            lambda work: work.run(self._sql["release_lease"], role=role, scope=scope, owner=owner, token=token)
        )

    def _fence_out(self, work: Work, role: str, destination: str, token: int) -> int:
        stream = FENCED[role]
        self._beginnings.make_cursor(work, DestinationName(destination), stream)
        (row,) = work.rows(self._sql["lock_cursor"], destination=destination, stream=stream)
        # After a restore of the lease table alone the cursor may hold the larger token.
        raised = max(token, int(row["token"]) + 1)
        work.run(self._sql["fence_cursor"], destination=destination, stream=stream, token=raised)
        work.run(self._sql["raise_token"], role=role, scope=destination, token=raised)
        return raised

    def _fence_out_reader(self, work: Work, destination: str, token: int) -> int:
        for kind in sorted(ChangeKind):
            work.run(self._sql["make_changes_cursors"], destination=destination, kind=kind)
        rows = work.rows(self._sql["lock_changes_cursors"], destination=destination)
        raised = max(token, *(int(row["token"]) + 1 for row in rows))
        work.run(self._sql["fence_changes_cursors"], destination=destination, token=raised)
        work.run(self._sql["raise_token"], role=CHANGES, scope=destination, token=raised)
        return raised
