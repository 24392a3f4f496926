"""What stocks can sell, as Magento's tables say it; needs the grants of `stock`."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from sidecar.domain.events import DestinationName
from sidecar.domain.money import decimal_of
from sidecar.domain.reconciliation import Finding
from sidecar.domain.salable import SALABLE_KINDS, Salable, subject_of
from sidecar.mysql.findings import Findings
from sidecar.mysql.session import Row, Session, Work

_KINDS: Final = [str(kind) for kind in SALABLE_KINDS]
_PREFIX: Final = subject_of("")


class SalableStock:
    """Reads sources, reservations and the index at one moment, and keeps what was found."""

    def __init__(self, session: Session) -> None:
        """Read and write through this session."""
        self._session = session
        self._sql = session.statements("salable")
        self._findings = Findings(session)

    def salable(self, sources: Sequence[str], skus: Sequence[str]) -> Sequence[Salable]:
        """These SKUs in every stock that sells from one of these sources; a SKU that no source of a stock lists is left
        out. Raises SchemaError where a stock's index cannot be read.
        """
        with self._session.snapshot() as work:
            stocks = [int(row["stock_id"]) for row in work.rows(self._sql["stocks"], sources=list(sources))]
            configured = _by_sku(work.rows(self._sql["configured"], skus=list(skus)))
            return [one for stock_id in stocks for one in self._in_stock(work, stock_id, skus, configured)]

    def doubtful(self, destination: DestinationName, limit: int) -> Sequence[str]:
        """SKUs of which something was found that is still open."""
        binds = {"destination": destination, "kinds": _KINDS, "limit": limit}
        subjects = {row["subject"] for row in self._session.rows(self._sql["open_findings"], **binds)}
        return sorted(subject.removeprefix(_PREFIX) for subject in subjects)

    def settle(self, destination: DestinationName, skus: Sequence[str], findings: Sequence[Finding]) -> int:
        """Keep what was found of these SKUs, close what is found of them no more; says how many are new."""

        def body(work: Work) -> int:
            new = self._findings.put(work, findings)
            subjects = [subject_of(sku) for sku in skus]
            binds = {"destination": destination, "kinds": _KINDS, "subjects": subjects}
            still = {finding.fingerprint for finding in findings}
            rows = work.rows(self._sql["open_findings_of"], **binds)
            self._findings.resolve(work, [row["fingerprint"] for row in rows if row["fingerprint"] not in still])
            return new

        return self._session.transaction(body)

    def _in_stock(
        self, work: Work, stock_id: int, skus: Sequence[str], configured: Mapping[str, Row]
    ) -> Sequence[Salable]:
        binds = {"stock_id": stock_id, "skus": list(skus)}
        reserved = _by_sku(work.rows(self._sql["reserved"], **binds))
        index = self._session.statements("salable", stock=stock_id)["indexed"]
        indexed = _by_sku(work.rows(index, skus=list(skus)))
        return [
            _salable(stock_id, row, reserved.get(row["sku"]), configured.get(row["sku"]), indexed.get(row["sku"]))
            for row in work.rows(self._sql["on_hand"], **binds)
        ]


def _by_sku(rows: Sequence[Row]) -> Mapping[str, Row]:
    return {row["sku"]: row for row in rows}


def _salable(stock_id: int, row: Row, reserved: Row | None, own: Row | None, index: Row | None) -> Salable:
    return Salable(
        stock_id=stock_id,
        sku=row["sku"],
        on_hand=decimal_of(row["on_hand"]),
        hidden=decimal_of(row["hidden"]),
        reserved=Decimal(0) if reserved is None else decimal_of(reserved["reserved"]),
        least=None if own is None or own["use_config_min_qty"] else decimal_of(own["min_qty"]),
        backorders=None if own is None or own["use_config_backorders"] else bool(own["backorders"]),
        managed=None if own is None or own["use_config_manage_stock"] else bool(own["manage_stock"]),
        indexed=None if index is None else decimal_of(index["quantity"]),
        is_salable=None if index is None else bool(index["is_salable"]),
    )
