"""How Odoo refuses: a status, the exception's name, its words."""

from typing import Any


class Refusal(Exception):
    """An error as JSON-2 tells it; the transaction is rolled back."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {
            "name": name,
            "message": message,
            "arguments": [message],
            "context": {},
            "debug": f"Traceback (most recent call last):\n{name}: {message}\n",
        }


def not_found(message: str) -> Refusal:
    """No such model or method."""
    return Refusal(404, "werkzeug.exceptions.NotFound", message)


def unprocessable(message: str) -> Refusal:
    """Arguments that the method does not have."""
    return Refusal(422, "werkzeug.exceptions.UnprocessableEntity", message)


def user_error(message: str) -> Refusal:
    """What people may not do."""
    return Refusal(422, "odoo.exceptions.UserError", message)


def missing(model: str, key: object) -> Refusal:
    """A record that is not there."""
    return Refusal(
        404, "odoo.exceptions.MissingError", f"Record does not exist or has been deleted.\n(Record: {model}({key},))"
    )


def access_error(message: str) -> Refusal:
    """What this user may not do."""
    return Refusal(403, "odoo.exceptions.AccessError", message)


def value_error(message: str) -> Refusal:
    """A programming error of the caller's: an unknown field."""
    return Refusal(500, "builtins.ValueError", message)
