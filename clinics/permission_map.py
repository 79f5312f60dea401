"""
The clinic-wide rights of a person, read from guardian once and kept in the cache.

The map holds undated grants only: which rights each role's group holds, and a person's own exceptions. Dates
(memberships, caseload, supervision, break-glass) are asked of the database each time. The key carries the person's
`access_version`, which database triggers raise on every change of memberships and grants, and a hash of roles.py.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.core.cache import cache
from guardian.models import GroupObjectPermission, UserObjectPermission
from redis.exceptions import RedisError

from clinics.roles import RIGHTS_HASH

SECONDS = 60


@dataclass(frozen=True)
class Granted:
    """Rights granted at one clinic: by role, and to the person alone."""

    by_role: dict[str, tuple[str, ...]]
    own: tuple[str, ...] = ()


def permission_map(user: Any) -> dict[int, Granted]:
    """Return {clinic key: Granted} for the groups that `user` is in, from the cache where it is there."""
    kept = user.__dict__.get("_permission_map")
    if kept is not None:
        return kept  # type: ignore[no-any-return]
    key = f"rights:{user.pk}:{user.access_version}:{RIGHTS_HASH}"
    raw = _kept(key)
    if raw is None:
        raw = _read(user)
        with suppress(RedisError):
            cache.set(key, raw, SECONDS)
    found = {
        int(clinic): Granted({role: tuple(rights) for role, rights in by_role.items()}, tuple(own))
        for clinic, (by_role, own) in raw.items()
    }
    user.__dict__["_permission_map"] = found
    return found


def _kept(key: str) -> Any:
    """Return what the cache has; with the cache away, reading goes on from the tables."""
    try:
        return cache.get(key)
    except RedisError:
        return None


def _read(user: Any) -> dict[str, tuple[dict[str, list[str]], list[str]]]:
    found: dict[str, tuple[dict[str, list[str]], list[str]]] = {}
    groups = Group.objects.filter(user=user)
    grants = GroupObjectPermission.objects.filter(
        group__in=groups, content_type__app_label="clinics", content_type__model="clinic"
    ).values_list("object_pk", "group__name", "permission__codename")
    for clinic, group, right in grants:
        role = group.rpartition(":")[2]
        found.setdefault(clinic, ({}, []))[0].setdefault(role, []).append(right)
    exceptions = UserObjectPermission.objects.filter(
        user=user, content_type__app_label="clinics", content_type__model="clinic"
    ).values_list("object_pk", "permission__codename")
    for clinic, right in exceptions:
        found.setdefault(clinic, ({}, []))[1].append(right)
    return found
