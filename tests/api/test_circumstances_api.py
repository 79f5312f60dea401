"""How somebody lives over the API: what a phone system sends, what it is told, and where home is not safe."""

from typing import Any

import pytest

from clients.models import Inquiry
from tests.api.test_clients_api import Caller
from tests.api.test_inquiries_api import CALL, FORM, SCOPES, created, made
from tests.clients import admission as at
from tests.clients.people import in_care
from tests.world import CANARY, World

SAID: dict[str, Any] = {
    **FORM,
    "contact": {
        **FORM["contact"], "preferred_method": "sms", "unsafe_at_home": "yes", "safe_way": "Call the shop, mornings.",
    },
    "person": {**FORM["person"], "gender": "female", "state": "IL"},
    "guardian": {"name": "Ana Marsh", "phone": "312 555 0143", "custody": "one"},
    "need": {
        **FORM["need"], "mental_health": "Sleeps badly.", "pregnant": "yes", "veteran": "no", "homeless": "not_asked",
    },
    "referrer_consent": "yes", "line_called": "312 555 0100", "campaign": "Spring talks",
}  # fmt: skip


@pytest.fixture
def coordinator(world: World) -> Caller:
    return Caller(world.here, world.here.coordinator, SCOPES)


def test_what_was_sent_is_read_as_it_is_kept(coordinator: Caller) -> None:
    row = created(coordinator, SAID).json()
    found = coordinator.send("get", f"/inquiries/{row['id']}/").json()
    assert found == row
    assert found["contact"] | SAID["contact"] | {"call_from": "17:00:00", "call_until": "20:00:00"} == found["contact"]
    assert found["need"] | SAID["need"] == found["need"]
    assert (found["person"]["gender"], found["person"]["state"]) == ("female", "IL")
    assert found["guardian"] == {"name": "Ana Marsh", "phone": "+13125550143", "custody": "one"}
    assert (found["referrer_consent"], found["line_called"], found["campaign"]) == (
        "yes",
        "+13125550100",
        "Spring talks",
    )
    # Sent back as it was read, it makes the same again.
    groups = ("caller", "contact", "guardian", "need", "referrer_consent", "line_called", "campaign")
    again = created(coordinator, {"channel": "web_form", **{name: found[name] for name in groups}}, "again")
    assert again.status_code == 201, again.content
    assert {name: again.json()[name] for name in groups} == {name: found[name] for name in groups}


def test_what_is_left_out_stays_what_was_not_asked(coordinator: Caller) -> None:
    row = created(coordinator, CALL).json()
    assert row["contact"] | {"preferred_method": "", "unsafe_at_home": "not_asked", "safe_way": ""} == row["contact"]
    assert row["guardian"] == {"name": "", "phone": "", "custody": ""}
    assert (row["referrer_consent"], row["line_called"], row["campaign"]) == ("not_asked", "", "")


def test_a_change_touches_only_what_it_names(coordinator: Caller) -> None:
    row = created(coordinator, SAID).json()
    body = {"guardian": {"custody": "both"}, "contact": {"preferred_method": "phone"}, "campaign": ""}
    answer = coordinator.send("patch", f"/inquiries/{row['id']}/", body, **{"If-Match": '"1"'})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["guardian"] == {**row["guardian"], "custody": "both"}
    assert found["contact"] == {**row["contact"], "preferred_method": "phone"}
    assert (found["campaign"], found["line_called"], found["need"]) == ("", row["line_called"], row["need"])


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"contact": {"safe_way": "Call the shop."}}, "contact.safe_way"),
        ({"contact": {"safe_way": "Call the shop.", "unsafe_at_home": "no"}}, "contact.safe_way"),
        ({"contact": {"unsafe_at_home": True}}, "contact.unsafe_at_home"),
        ({"contact": {"unsafe_at_home": "yes", "safe_way": "x" * 501}}, "contact.safe_way"),
        ({"contact": {"preferred_method": "letter"}}, "contact.preferred_method"),
        ({"guardian": {"phone": "12"}}, "guardian.phone"),
        ({"guardian": {"phone": "312 555 0143 x4"}}, "guardian.phone"),
        ({"guardian": {"custody": "me"}}, "guardian.custody"),
        ({"guardian": {"age": 40}}, "guardian.age"),
        ({"line_called": "none"}, "line_called"),
        ({"campaign": "x" * 81}, "campaign"),
        ({"referrer_consent": "perhaps"}, "referrer_consent"),
        ({"person": {"legal_name": "A B", "state": "ZZ"}}, "person.state"),
        ({"person": {"legal_name": "A B", "gender": "x"}}, "person.gender"),
        ({"need": {"pregnant": True}}, "need.pregnant"),
        ({"need": {"mental_health": "x" * 10_001}}, "need.mental_health"),
        ({"source": "5", "assistance": {"sessions": 6, "sessions_used": 7}}, "assistance.sessions_used"),
    ],
)
def test_what_cannot_be_is_named_at_its_place(
    world: World, coordinator: Caller, change: dict[str, Any], place: str
) -> None:
    with world.here.scope():
        before = Inquiry.objects.count()
    answer = created(coordinator, {**CALL, **change})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [place]), answer.content
    with world.here.scope():
        assert Inquiry.objects.count() == before


def test_a_home_that_is_not_safe_refuses_an_attempt_with_the_reason(coordinator: Caller) -> None:
    row = created(coordinator, SAID).json()
    path = f"/inquiries/{row['id']}/attempts/"
    for number, (body, words) in enumerate(
        (
            ({"method": "sms", "outcome": "sms_sent", "by_safe_way": True}, "Do not send text messages"),
            ({"method": "phone", "outcome": "voicemail_left", "by_safe_way": True}, "Do not leave a voicemail"),
            ({"method": "phone", "outcome": "no_answer"}, "Use only the safe way"),
        )
    ):
        answer = made(coordinator, path, body, f"no{number}")
        assert (answer.status_code, answer.json()["code"]) == (409, "contact_not_allowed")
        assert "It is not safe to contact them at home." in answer.json()["detail"]
        assert words in answer.json()["detail"]
    safe = {"method": "phone", "outcome": "no_answer", "by_safe_way": True}
    assert made(coordinator, path, safe, "yes").status_code == 201


def test_who_sees_no_people_is_told_nothing_of_it(world: World, coordinator: Caller) -> None:
    said = {**SAID, "contact": {**SAID["contact"], "safe_way": CANARY}}
    row = created(coordinator, {**said, "guardian": {"name": CANARY}}).json()
    blind = Caller(world.here, world.here.administrator, ["view_inquiry"])
    answer = blind.send("get", f"/inquiries/{row['id']}/")
    assert answer.status_code == 200
    assert [answer.json()[group] for group in ("contact", "person", "guardian", "need")] == [None] * 4
    assert CANARY not in answer.content.decode()
    stranger = Caller(world.neighbour, world.neighbour.coordinator, SCOPES)
    assert stranger.send("get", f"/inquiries/{row['id']}/").status_code == 404


def test_gender_and_state_of_a_person_are_changed_from_the_version_read(world: World) -> None:
    caller = Caller(world.here, world.here.coordinator, ["view_client", "change_client"])
    with world.here.scope():
        client = in_care(world.here, gender="male", state="WI")
    path = f"/clients/{client.public_id}/"
    assert (caller.send("get", path).json()["gender"], caller.send("get", path).json()["state"]) == ("male", "WI")
    answer = caller.send("patch", path, {"state": "IL"}, **{"If-Match": '"1"'})
    assert (answer.json()["gender"], answer.json()["state"]) == ("male", "IL")
    refused = caller.send("patch", path, {"state": "Illinois"}, **{"If-Match": '"2"'})
    assert list(refused.json()["fields"]) == ["state"]


def test_an_organisation_keeps_its_extension_through_a_change(world: World, coordinator: Caller) -> None:
    body = {"name": "Lakeside", "source": "3", "phone": "312 555 0123 x40"}
    row = coordinator.send("post", "/organisations/", body, **{"Idempotency-Key": "o"}).json()
    assert row["phone"] == "+13125550123 ext. 40"
    changed = coordinator.send("patch", f"/organisations/{row['id']}/", {"name": "Lake"}, **{"If-Match": '"1"'})
    assert changed.json()["phone"] == "+13125550123 ext. 40"
    gone = coordinator.send("patch", f"/organisations/{row['id']}/", {"phone": ""}, **{"If-Match": '"2"'})
    assert gone.json()["phone"] == ""


def test_what_to_look_at_before_a_minor_is_admitted_is_sent_apart_from_what_is_missing(world: World) -> None:
    caller = Caller(world.here, world.here.coordinator, ["view_inquiry", "admit_client"])
    with world.here.scope():
        inquiry = at.ready(world.here)
        assert inquiry.client is not None
        path = f"/inquiries/{inquiry.public_id}/admission/"
        assert caller.send("get", path).json()["warnings"] == []
        inquiry.client.born_on = inquiry.client.born_on.replace(year=2014) if inquiry.client.born_on else None
        inquiry.client.save(update_fields=["born_on"])
    warned = caller.send("get", path).json()
    assert len(warned["warnings"]) == 2
    assert "guardian" not in {one["guard"] for one in warned["ready"]}
