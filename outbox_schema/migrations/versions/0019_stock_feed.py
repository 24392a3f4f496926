"""Readings of ERPs' stock on their way into Magento, and what people have accepted of them."""

from outbox_schema.migrations.steps import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the tables and a key."""
    run("0019_stock_feed")
