"""What the relay's own grants do not allow: statements that purge, erase and write events, or read whole orders and
Magento's documents, and who may run them.

The relay's own user cannot change an event, on purpose. Each of these statements is prepared by the server for this
very user before the first of them runs, so a missing right is told in words and nothing is done by halves.
"""

from typing import Final

from sqlalchemy import text

from sidecar.domain.errors import SchemaError
from sidecar.mysql.session import Session
from sidecar.mysql.statements import prepared

JANITORS: Final = ("janitor_store", "synthesis_store", "erasure_store", "whole_orders")
"""Files of statements that the janitor's grants allow."""

HOLDS: Final = "holds"
"""The same, for shops whose lifecycle map puts orders on hold."""

STOCK: Final = ("source_items", "salable", "feed_facts")
"""The same, where an ERP's stock comes into Magento."""

STOCK_WRITES: Final = "stock_writes"
"""The same, where it is written by SQL."""

GRANTED_APART: Final = (
    *JANITORS,
    HOLDS,
    "magento_documents",
    "document_numbers",
    "source_stock",
    *STOCK,
    STOCK_WRITES,
    "stock_examination",
    "stock_now",
    "pickup_locations",
)
"""All files of statements that the relay's grants do not cover; magento_documents and source_stock are for what comes
back from ERPs."""

_PREPARE: Final = text("PREPARE sidecar_check FROM :statement")


def require_rights(session: Session, *stores: str) -> None:
    """Raise SchemaError, with the grants to give as its hint, unless the user may run all statements of these files."""
    with session.reading() as work:
        for store in stores:
            for name, clause in session.statements(store).items():
                try:
                    work.run(_PREPARE, statement=prepared(clause))
                except SchemaError as error:
                    message = f"{store}.{name} cannot run: {error}"
                    hint = "erp-sidecar schema grants janitor \"'user'@'host'\" prints the statements for your DBA"
                    raise SchemaError(message, hint=hint) from error
