"""What waits for an entry of the mapping names it."""

from outbox_schema.migrations.steps import run

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns, and show the entry in the view of what is parked."""
    run("0014_missing")
