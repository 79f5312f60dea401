"""The examples that the document gives of what the endpoints of inquiries take and send."""

from drf_spectacular.utils import OpenApiExample

EXAMPLES = {
    "call": OpenApiExample(
        "A missed call, as a phone system reports it", request_only=True,
        value={
            "channel": "phone_missed", "received_at": "2026-11-02T14:05:00-06:00", "caller": {"phone": "312 555 0142"},
        },
    ),
    "form": OpenApiExample(
        "A form of the clinic's own site", request_only=True,
        value={
            "channel": "web_form", "source": "1",
            "caller": {"relation": "self", "name": "Jo", "phone": "312 555 0142"},
            "contact": {
                "ok_to_call": "yes", "ok_voicemail": "no", "preferred_method": "phone", "call_from": "17:00",
                "call_until": "20:00",
            },
            "campaign": "spring talks",
            "need": {"words": "I would like to talk with somebody."},
        },
    ),
    "change": OpenApiExample(
        "What the caller added", request_only=True,
        value={"source": "7", "source_detail": "3", "need": {"readiness": 6, "own_reasons": "My daughter asked me."}},
    ),
    "attempt": OpenApiExample(
        "Nobody answered; somebody tries again in the evening", request_only=True,
        value={"method": "phone", "outcome": "no_answer", "call_again_at": "2026-11-02T18:00:00-06:00"},
    ),
    "move": OpenApiExample("Screening begins", request_only=True, value={"to": "screening"}),
    "illegal": OpenApiExample(
        "Not a step from here", response_only=True, status_codes=["409"],
        value={
            "detail": "An inquiry does not go from “New” to “Admitted”.", "code": "illegal_move", "fields": {},
            "legal": ["duplicate", "spam"],
        },
    ),
}  # fmt: skip
