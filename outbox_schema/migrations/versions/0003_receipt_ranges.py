"""Receipts of whole ranges."""

from outbox_schema.migrations.steps import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table where it is absent."""
    run("0003_receipt_ranges")
