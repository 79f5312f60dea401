"""Django's cache on Valkey, with a client that is made once and counters that take one call."""

from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class OneClient(RedisCacheClient):
    """Makes its client once: making it anew for each call takes as long as the call. Threads may share it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._made: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client that reads, or the one that writes."""
        if write not in self._made:
            self._made[write] = super().get_client(key, write=write)
        return self._made[write]


class ClinicCache(RedisCache):
    """The cache of the settings."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient

    def count(self, key: str, seconds: int) -> int:
        """
        Add one to a counter and return it; it is gone `seconds` after its first one.

        Django's `incr` asks first whether the counter is there, and a second call gives it an end.
        """
        key = self.make_and_validate_key(key)
        calls = self._cache.get_client(key, write=True).pipeline(transaction=False)
        calls.incr(key)
        calls.expire(key, seconds, nx=True)
        counted, _ends = calls.execute()
        return int(counted)


def count(key: str, seconds: int) -> int:
    """Add one to a counter of the cache and return it, as `ClinicCache.count`."""
    cache = caches["default"]
    if not isinstance(cache, ClinicCache):
        raise TypeError("Set CACHES to clinics.cache.ClinicCache.")
    return cache.count(key, seconds)
