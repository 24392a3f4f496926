"""Lines of stock windows that are kept back, and where they were carried."""

from outbox_schema.migrations.steps import run

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add states and the way that a line went."""
    run("0017_standing_lines")
