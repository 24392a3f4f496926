"""Where stock changes went, for people: two views, and an index on the SKU of lines."""

from outbox_schema.migrations.steps import run

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add them."""
    run("0020_stock_views")
