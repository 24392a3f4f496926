"""The way to Magento's database."""

from urllib.parse import quote

from sidecar.mysql.session import Session as DatabaseSession
from sidecar.settings import Settings


def open_database(settings: Settings) -> DatabaseSession:
    """A pool of connections to Magento's database; nothing is connected yet."""
    prefix, ttl = settings.database.table_prefix, settings.lease.ttl
    return DatabaseSession(database_url(settings), prefix=prefix, connections=12, silence=ttl)


def database_url(settings: Settings) -> str:
    """The settings' database as a URL with its password in it: never to be shown."""
    part = settings.database
    password = "" if part.password is None else ":" + quote(part.password.get_secret_value(), safe="")
    account = f"{quote(part.user, safe='')}{password}"
    if part.socket is not None:
        return f"mysql://{account}@/{quote(part.name, safe='')}?unix_socket={quote(str(part.socket))}"
    return f"mysql://{account}@{part.host or '127.0.0.1'}:{part.port}/{quote(part.name, safe='')}"
