"""`erp-sidecar schema plan|apply|verify`: the sidecar's own tables, views and grants."""

import argparse
from typing import get_args

from sidecar.cli.output import Output
from sidecar.cli.parsers import Nouns
from sidecar.mysql import schema
from sidecar.settings import load_settings
from sidecar.wiring import open_database


def register(nouns: Nouns, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    verbs = nouns.add_parser("schema", help="the sidecar's tables in Magento's database").add_subparsers(
        required=True, metavar="VERB"
    )
    for verb, text, command in (
        ("plan", "print the SQL that apply would run; changes nothing", _plan),
        ("apply", "create or upgrade the tables and views", _apply),
        ("verify", "tell what is missing", _verify),
    ):
        verbs.add_parser(verb, parents=[shared], help=text).set_defaults(command=command)
    grants = verbs.add_parser("grants", parents=[shared], help="print the GRANTs of an account; changes nothing")
    grants.add_argument(
        "role",
        choices=get_args(schema.Role),
        help="the sidecar; where it may also read whole orders, put orders on hold, turn an ERP's documents into "
        "Magento's, or read its stock; a person who looks; the sidecar where it purges",
    )
    grants.add_argument("account", help="as MySQL writes it, such as \"'erp_sidecar'@'localhost'\"")
    grants.set_defaults(command=_grants)


def _plan(options: argparse.Namespace, output: Output) -> int:
    sql = schema.plan(open_database(load_settings(options.settings)))
    if output.as_json:
        output.say("", sql=sql)
    else:
        output.text(sql)
    return 0


def _apply(options: argparse.Namespace, output: Output) -> int:
    schema.apply(open_database(load_settings(options.settings)))
    output.say("The schema is up to date.", applied=True)
    return 0


def _grants(options: argparse.Namespace, output: Output) -> int:
    database = load_settings(options.settings).database
    sql = schema.grants(options.role, database.name, database.table_prefix, options.account)
    if output.as_json:
        output.say("", sql=sql)
    else:
        output.text(sql)
    return 0


def _verify(options: argparse.Namespace, output: Output) -> int:
    settings = load_settings(options.settings)
    problems = schema.verify(open_database(settings), janitor=settings.janitor.enabled)
    rows = [{"problem": problem} for problem in problems]
    output.table("Schema", rows, empty="The schema is complete and this user may do what the sidecar does.")
    return 1 if problems else 0
