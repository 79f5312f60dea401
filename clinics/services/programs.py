"""Verbs on a clinic's programs. A program is never removed: episodes of care stand in it."""

from django.db import IntegrityError, transaction

from clinics import audit
from clinics.models import Clinic, Program, User


class NameTaken(ValueError):
    """Another program of this clinic has the name."""

    field = "name"

    def __init__(self) -> None:
        super().__init__("Another program of this clinic has that name. Choose another one.")


@transaction.atomic
def add_program(*, clinic: Clinic, name: str, by: User) -> Program:
    """
    Add a program of care to the entered clinic.

    :raises NameTaken: when a program has that name
    """
    program = Program(clinic=clinic, name=name.strip())
    _save(program)
    audit.record("program.added", program, by=by)
    return program


@transaction.atomic
def change_program(*, program: Program, name: str, is_active: bool, by: User) -> Program:
    """
    Rename a program, stop admitting to it, or admit again; who is in it stays in it.

    :raises NameTaken: when another program has that name
    """
    row: Program = Program.objects.select_for_update().get(pk=program.pk)
    wanted = {"name": name.strip(), "is_active": is_active}
    changed = sorted(field for field, value in wanted.items() if getattr(row, field) != value)
    for field in changed:
        setattr(row, field, wanted[field])
    if changed:
        _save(row)
        audit.record("program.changed", row, by=by, detail={"fields": changed, "is_active": is_active})
    return row


def _save(program: Program) -> None:
    try:
        with transaction.atomic():
            program.save()
    except IntegrityError:
        raise NameTaken from None
