"""Documents become due with every change that the ERP tells, and say what the projector left in Magento."""

from outbox_schema.migrations.steps import run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Count changes in the place of revisions; what was projected stays projected."""
    run("0009_changes")
