"""Refusals of the API beside DRF's own. Each says what to do."""

from rest_framework import status
from rest_framework.exceptions import APIException


class BadPage(APIException):
    """A cursor that the list did not give out."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "bad_cursor"
    default_detail = "This is no page of this list. Start again without a cursor."


class PreconditionRequired(APIException):
    """A change without the version it was made from, or something new without a key."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = "Read the record, then send its ETag in If-Match."


class PreconditionFailed(APIException):
    """A change made from a version that is not the stored one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"
    default_detail = "Someone else saved this record in the meantime. Read it again, then decide."


class KeyReused(APIException):
    """An Idempotency-Key sent again with another body."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "key_reused"
    default_detail = "This Idempotency-Key was used for another request. Send a new key for a new thing."
