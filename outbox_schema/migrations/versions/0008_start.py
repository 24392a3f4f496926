"""Each cursor keeps where its destination began, and why its calls are held back."""

from outbox_schema.migrations.steps import run

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; cursors that are there began with the outbox."""
    run("0008_start")
