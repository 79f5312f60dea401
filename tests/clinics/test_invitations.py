"""Inviting people: a link that works once, for one address, at one clinic, and tells strangers nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEvent, User
from clinics.models.invitations import Invitation
from clinics.roles import Role
from clinics.services import invitations
from tests.clinics.signing_in import give_password, is_signed_in, sign_in
from tests.world import PASSWORD, Side, World

NEW = "ada.novak@riverbend.example"
WORDS = {"name": "Ada Novak", "password": PASSWORD, "again": PASSWORD}


def invited(
    side: Side, capture: Any, *, email: str = NEW, role: Role = Role.THERAPIST, ago: timedelta = timedelta(0)
) -> str:
    """Invite somebody and return the path of the link in the mail."""
    with capture(execute=True), side.scope(side.administrator):
        invitations.invite(
            clinic=side.clinic, email=email, name="Ada Novak", role=role, by=side.administrator,
            now=timezone.now() - ago,
        )  # fmt: skip
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found.group(1)


@pytest.fixture
def capture(django_capture_on_commit_callbacks: Any) -> Any:
    return django_capture_on_commit_callbacks


def actions(side: Side) -> list[str]:
    with side.scope():
        found = AuditEvent.objects.filter(action__regex="^(invitation|membership)").order_by("-id")[:3]
        return [event.action for event in found][::-1]


def test_a_new_person_joins_sets_a_password_and_comes_to_the_second_factor(
    world: World, client: Client, capture: Any
) -> None:
    link = invited(world.here, capture)
    assert mail.outbox[-1].to == [NEW]
    page = client.get(link)
    assert page.status_code == 200
    assert "Riverbend Behavioral Health" in page.content.decode()
    answer = client.post(link, WORDS)
    assert answer["Location"] == reverse("start")
    assert is_signed_in(client)
    assert client.get(answer["Location"])["Location"] == reverse("mfa_index")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200, "the password was given just now"
    user = User.objects.get(email=NEW)
    assert (user.name, user.check_password(PASSWORD)) == ("Ada Novak", True)
    assert user.roles_at(world.here.clinic.pk) == (Role.THERAPIST,)
    assert user.roles_at(world.neighbour.clinic.pk) == ()
    assert actions(world.here) == ["invitation.sent", "invitation.accepted", "membership.started"]


def test_a_link_works_once(world: World, client: Client, capture: Any) -> None:
    link = invited(world.here, capture)
    client.post(link, WORDS)
    again = Client()
    assert again.get(link).status_code == 404
    assert again.post(link, WORDS).status_code == 404


@pytest.mark.parametrize(("ago", "status"), [(timedelta(days=6, hours=23), 200), (timedelta(days=7, minutes=1), 404)])
def test_a_link_works_for_seven_days(world: World, client: Client, capture: Any, ago: timedelta, status: int) -> None:
    assert client.get(invited(world.here, capture, ago=ago)).status_code == status


def test_a_withdrawn_link_opens_nothing(world: World, client: Client, capture: Any) -> None:
    side = world.here
    link = invited(side, capture)
    with side.scope(side.administrator):
        row = Invitation.objects.get(email=NEW)
        invitations.withdraw(invitation=row, by=side.administrator, now=timezone.now())
        with pytest.raises(invitations.InvitationClosed):
            invitations.withdraw(invitation=row, by=side.administrator, now=timezone.now())
    assert client.get(link).status_code == 404
    assert actions(side)[-1] == "invitation.withdrawn"


def test_strangers_learn_nothing(world: World, client: Client, capture: Any) -> None:
    """Unknown clinic, unknown token, the neighbour's token, a used one: one answer, byte for byte."""
    here, neighbour = invited(world.here, capture), invited(world.neighbour, capture, email="x@harbor.example")
    client.post(here, WORDS)
    asked = [
        here,
        here[:-6] + "aaaaa/",
        reverse("join", args=["riverbend", neighbour.rstrip("/").rpartition("/")[2]]),
        reverse("join", args=["no-such-clinic", "aaaaa"]),
    ]
    answers = [Client().get(address) for address in asked]
    assert [answer.status_code for answer in answers] == [404] * 4
    bodies = {re.sub(rb'content="[A-Za-z0-9]{64}"', b"", answer.content) for answer in answers}
    assert len(bodies) == 1
    assert b"Riverbend" not in bodies.pop()


def test_only_the_hash_of_a_token_is_kept(world: World, capture: Any) -> None:
    link = invited(world.here, capture)
    token = link.rstrip("/").rpartition("/")[2]
    assert len(token) >= 43
    with world.here.scope(), connection.cursor() as cursor:
        cursor.execute("select i::text from clinics_invitation i union all select e::text from clinics_auditevent e")
        kept = str(cursor.fetchall())
    assert token not in kept


def test_somebody_with_an_account_signs_in_and_joins(world: World, client: Client, capture: Any) -> None:
    user = world.neighbour.therapist
    link = invited(world.here, capture, email=user.email, role=Role.CODER)
    page = client.get(link)
    assert reverse("account_login") in page.content.decode()
    assert client.post(link, WORDS).status_code == 200, "no password can be set over an account"
    assert not is_signed_in(client)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    sign_in(client, user)
    assert client.post(link)["Location"] == reverse("home", args=["riverbend"])
    assert User.objects.get(pk=user.pk).roles_at(world.here.clinic.pk) == (Role.CODER,)
    assert client.get(reverse("find", args=["riverbend"])).status_code == 200


def test_somebody_else_cannot_use_the_link(world: World, client: Client, capture: Any) -> None:
    link = invited(world.here, capture, email=world.neighbour.therapist.email, role=Role.ADMINISTRATOR)
    sign_in(client, world.neighbour.coder)
    page = client.get(link)
    assert "another e-mail address" in page.content.decode()
    assert world.neighbour.therapist.email not in page.content.decode()
    assert client.post(link).status_code == 422
    assert User.objects.get(pk=world.neighbour.coder.pk).roles_at(world.here.clinic.pk) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"password": "short one", "again": "short one"}, "password"), ({"again": "four other calm words"}, "again")],
)
def test_a_weak_or_mistyped_password_keeps_the_link_open(
    world: World, client: Client, capture: Any, change: dict[str, str], field: str
) -> None:
    link = invited(world.here, capture)
    answer = client.post(link, WORDS | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert not User.objects.filter(email=NEW).exists()
    assert client.post(link, WORDS).status_code == 302


def test_a_second_invitation_replaces_the_first(world: World, client: Client, capture: Any) -> None:
    first = invited(world.here, capture)
    second = invited(world.here, capture)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_a_member_is_not_invited_to_the_same_role(world: World) -> None:
    side = world.here
    with side.scope(side.administrator):
        for email, error in ((side.therapist.email, invitations.AlreadyAMember), ("not an address", ValidationError)):
            with pytest.raises(error):
                invitations.invite(
                    clinic=side.clinic, email=email, name="T", role=Role.THERAPIST, by=side.administrator,
                    now=timezone.now(),
                )  # fmt: skip
    assert mail.outbox == []


def test_a_mail_leaves_only_when_the_invitation_stands(world: World, capture: Any) -> None:
    side = world.here
    with capture(execute=True), pytest.raises(RuntimeError), side.scope(side.administrator):
        invitations.invite(
            clinic=side.clinic, email=NEW, name="T", role=Role.THERAPIST, by=side.administrator, now=timezone.now()
        )
        raise RuntimeError
    assert mail.outbox == []


def test_a_name_cannot_write_the_mail(world: World, capture: Any) -> None:
    side = world.here
    with capture(execute=True), side.scope(side.administrator):
        invitations.invite(
            clinic=side.clinic, email=NEW, name="$link\nBcc: x@evil.example", role=Role.CODER,
            by=side.administrator, now=timezone.now(),
        )  # fmt: skip
    message = mail.outbox[-1].message()
    assert message["Bcc"] is None
    assert "$link" in str(mail.outbox[-1].body), "the name is printed, not read"


def test_links_are_tried_twenty_times_a_minute_at_most(world: World, client: Client) -> None:
    cache.clear()
    statuses = [client.get(reverse("join", args=["riverbend", f"guess{n}"])).status_code for n in range(25)]
    assert statuses.count(404) == 20
    assert set(statuses[20:]) == {429}


def test_a_deactivated_clinic_takes_nobody_in(world: World, client: Client, capture: Any) -> None:
    link = invited(world.here, capture)
    world.here.clinic.is_active = False
    world.here.clinic.save()
    assert client.get(link).status_code == 404
    give_password(client, world.here.therapist)
    assert not User.objects.filter(email=NEW).exists()
