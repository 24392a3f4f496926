"""What operators do to lanes and events."""

from outbox_schema.migrations.steps import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add two tables, two states and a column."""
    run("0004_operators")
