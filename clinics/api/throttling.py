"""
How many requests a token or person may send in a minute.

One atomic INCR a request: DRF's own throttle reads and writes apart, and lets parallel calls through its limit.
"""

import time
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from clinics.api.authentication import token_of
from clinics.cache import count

WINDOW_S = 60


class RequestLimit(BaseThrottle):
    """Counts requests in windows of a minute; the limit is settings.API_REQUESTS_PER_MINUTE."""

    def allow_request(self, request: Any, view: Any) -> bool:
        """Tell whether this request is within the limit. With the cache away, reads and writes go on."""
        token = token_of(request)
        who = f"token:{token.pk}" if token is not None else f"user:{request.user.pk}"
        window = int(time.time()) // WINDOW_S
        key = f"limit:{who}:{window}"
        try:
            return count(key, WINDOW_S * 2) <= settings.API_REQUESTS_PER_MINUTE
        except RedisError:
            return True

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return WINDOW_S - time.time() % WINDOW_S
