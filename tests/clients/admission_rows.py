"""What the database itself refuses."""

from typing import Any

from django.db import DatabaseError, connection, transaction


def refused(statement: str, *values: Any) -> str:
    """Return the code with which the database refuses a statement of the app role; empty when it does not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except DatabaseError as error:
        return str(getattr(error.__cause__, "sqlstate", ""))
    return ""
