"""Documents of an ERP stand for credit memos and customers, too."""

from outbox_schema.migrations.steps import run

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Say so of the columns, and let the view of documents tell them all."""
    run("0013_refunds_and_customers")
