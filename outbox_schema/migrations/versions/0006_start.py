"""Each cursor keeps where its destination began."""

from outbox_schema.migrations.steps import run

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the columns; cursors that are there began with the outbox."""
    run("0006_start")
