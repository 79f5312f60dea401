"""Counters in the cache: right when many count at once, and gone after a time."""

from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache, caches

from clinics.cache import ClinicCache, count


def left_of(key: str) -> int:
    """Return the seconds that a key has left; -1 for one that stays for ever."""
    backend = caches["default"]
    assert isinstance(backend, ClinicCache)
    return int(backend._cache.get_client().ttl(backend.make_key(key)))


def test_many_who_count_at_once_miss_nobody() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: count("counted", 60), range(40)))
    assert sorted(found) == list(range(1, 41))
    assert cache.get("counted") == 40


def test_a_counter_ends_after_its_first_one_however_often_it_is_counted() -> None:
    count("ending", 60)
    assert 0 < left_of("ending") <= 60
    count("ending", 600)
    assert 0 < left_of("ending") <= 60
