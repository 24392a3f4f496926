"""What the database's error numbers mean here: a table of data, and the words for a person."""

from enum import Enum, auto
from typing import Final

from pymysql.err import MySQLError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sidecar.domain.errors import (
    ConfigurationError,
    SchemaError,
    SidecarError,
    StorageError,
    StorageUnavailable,
    TransactionConflict,
)


class Meaning(Enum):
    """What happens next."""

    UNAVAILABLE = auto()
    CONFLICT = auto()
    SCHEMA = auto()
    CONFIGURATION = auto()
    BROKEN = auto()


_MEANINGS: Final = {
    # The transaction is undone, or a row is locked: run it again.
    1020: Meaning.CONFLICT,
    1205: Meaning.CONFLICT,
    1213: Meaning.CONFLICT,
    3572: Meaning.CONFLICT,
    # The server is away, going, full, or refuses writes for now.
    1040: Meaning.UNAVAILABLE,
    1047: Meaning.UNAVAILABLE,
    1053: Meaning.UNAVAILABLE,
    1129: Meaning.UNAVAILABLE,
    1158: Meaning.UNAVAILABLE,
    1159: Meaning.UNAVAILABLE,
    1160: Meaning.UNAVAILABLE,
    1161: Meaning.UNAVAILABLE,
    1203: Meaning.UNAVAILABLE,
    1290: Meaning.UNAVAILABLE,
    1317: Meaning.UNAVAILABLE,
    1836: Meaning.UNAVAILABLE,
    1927: Meaning.UNAVAILABLE,
    2002: Meaning.UNAVAILABLE,
    2003: Meaning.UNAVAILABLE,
    2005: Meaning.UNAVAILABLE,
    2006: Meaning.UNAVAILABLE,
    2013: Meaning.UNAVAILABLE,
    2055: Meaning.UNAVAILABLE,
    4031: Meaning.UNAVAILABLE,
    # Somebody must change the database.
    1054: Meaning.SCHEMA,
    1142: Meaning.SCHEMA,
    1143: Meaning.SCHEMA,
    1146: Meaning.SCHEMA,
    1227: Meaning.SCHEMA,
    1356: Meaning.SCHEMA,
    # Somebody must change the settings.
    1044: Meaning.CONFIGURATION,
    1045: Meaning.CONFIGURATION,
    1049: Meaning.CONFIGURATION,
    1130: Meaning.CONFIGURATION,
    1251: Meaning.CONFIGURATION,
    1698: Meaning.CONFIGURATION,
}

_HINTS: Final = {
    1044: "grant the user access to this schema: erp-sidecar schema grants prints the statements",
    1045: "check user and password under [database] in sidecar.toml; a credential needs CREDENTIALS_DIRECTORY",
    1049: "check name under [database] in sidecar.toml",
    1698: "this account logs in through a socket only; give the sidecar a user with a password",
    1054: "run erp-sidecar schema verify, and bin/magento setup:upgrade if it names a Magento table",
    1142: "erp-sidecar schema verify lists what is missing; schema grants prints the statements",
    1143: "erp-sidecar schema verify lists what is missing; schema grants prints the statements",
    1146: "run erp-sidecar schema verify: a table is missing, or the table prefix is not Magento's",
    1227: "grant PROCESS to the sidecar's user",
    2003: "check host and port under [database] in sidecar.toml, and that the server runs",
    2005: "check host under [database] in sidecar.toml",
}


def translated(error: DBAPIError | PoolTimeoutError | MySQLError, *, is_lost: bool = False) -> SidecarError:
    """The same failure in our terms; the caller chains the cause."""
    if isinstance(error, PoolTimeoutError):
        return StorageUnavailable("every database connection is in use")
    said = error.args
    if isinstance(error, DBAPIError):
        is_lost = error.connection_invalidated
        said = () if error.orig is None else error.orig.args
    number = said[0] if said and isinstance(said[0], int) else 0
    words = str(said[1]) if len(said) > 1 else str(said[0]) if said else "nothing"
    meaning = _MEANINGS.get(number, Meaning.UNAVAILABLE if is_lost else Meaning.BROKEN)
    message, hint = f"the database said {number}: {words}", _HINTS.get(number, "")
    match meaning:
        case Meaning.UNAVAILABLE:
            return StorageUnavailable(message, hint=hint)
        case Meaning.CONFLICT:
            return TransactionConflict(message, hint=hint)
        case Meaning.SCHEMA:
            return SchemaError(message, hint=hint)
        case Meaning.CONFIGURATION:
            return ConfigurationError(message, hint=hint)
        case Meaning.BROKEN:
            return StorageError(message, hint=hint)
