"""Model fields of our own: encrypted text, and the transaction id of PostgreSQL."""

from typing import Any

from django.db import models

from clinics import crypto


class Ciphertext(bytes):
    """Encrypted text as it lies in the database, not yet opened."""


class _Opening:
    """The attribute of an encrypted field: opens the text when it is read, so that lists decrypt nothing."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, Ciphertext):
            return self.field.open(instance, value)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.Field):  # type: ignore[type-arg]
    """
    Text that is encrypted with the clinic's key and bound to clinic, table, column and row.

    kind   which of the clinic's data keys: "record", or "counselling" for counselling notes
    The model names what identifies the row in `encryption_row` (default: its public id). Text goes in by `save` and
    `bulk_create`; `update()` and lookups on the text are refused, because they could not bind or find it.
    """

    def __init__(self, *args: Any, kind: str = "record", **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "kind": self.kind}

    def get_internal_type(self) -> str:
        return "BinaryField"

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Opening(self))

    def binding(self, instance: Any) -> str:
        """Return what the ciphertext of `instance` is bound to, beside the clinic."""
        row = ":".join(str(getattr(instance, part)) for part in getattr(instance, "encryption_row", ("public_id",)))
        return f"{self.model._meta.db_table}|{self.column}|{row}"

    def open(self, instance: Any, data: bytes) -> str:
        """Return the text of `data` as it stands in `instance`."""
        return crypto.decrypt(instance.clinic_id, self.kind, self.binding(instance), data)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Ciphertext):
            return value
        return Ciphertext(crypto.encrypt(model_instance.clinic_id, self.kind, self.binding(model_instance), str(value)))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Ciphertext | None:
        return None if value is None else Ciphertext(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is not None and not isinstance(value, Ciphertext):
            raise TypeError(f"{self.model.__name__}.{self.name} is encrypted: set it on an instance and save it.")
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = self.get_prep_value(value)
        return None if value is None else connection.Database.Binary(bytes(value))

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        """Return nothing: encrypted text is edited in forms that name it, never in a generated one."""
        return


class TransactionIdField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's 64-bit transaction id (xid8), read as int."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)
