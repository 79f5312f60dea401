"""How the tables of an application are made at once."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation, OperationCategory


class CreateTables(Operation):
    """
    Make several tables in one step.

    As operations of their own, each table would let Django work out anew what every table linked with it looks like,
    and all are linked through the clinic: that takes most of the time of a first migration.

    tables   one operation for each table, each after those that it refers to
    """

    category = OperationCategory.ADDITION

    def __init__(self, tables: Sequence[CreateModel]) -> None:
        self.tables = tables

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Add the tables to what is known of the schema; the classes are made when they are asked for next."""
        vars(state).pop("apps", None)
        for table in self.tables:
            table.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Create the tables."""
        for table in self.tables:
            table.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drop the tables, the last first."""
        for table in reversed(self.tables):
            table.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Create {len(self.tables)} tables"
