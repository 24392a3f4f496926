"""Runs the `.sql` file of a revision, statement by statement."""

import re
from importlib import resources

from alembic import context, op
from sqlalchemy import text

END = re.compile(r";[ \t]*$", re.MULTILINE)


def run(name: str) -> None:
    """Run `versions/<name>.sql` with the shop's table prefix; its comments go along, so a plan shows them."""
    source = resources.files("outbox_schema.migrations").joinpath("versions", f"{name}.sql")
    for statement in statements_of(source.read_text(encoding="utf-8"), context.config.attributes["prefix"]):
        op.execute(text(statement.replace(":", r"\:")))


def statements_of(source: str, prefix: str) -> list[str]:
    """Split a file where a line ends with a semicolon, and put the table prefix in."""
    parts = END.split(source.replace("{prefix}", prefix))
    return [part.strip() for part in parts if part.strip()]
