"""
Reasons for a change: how many of them are the person's own.

source   shared/domain/care.md 3.4
"""

from collections.abc import Iterable

from clinics.instruments.figures import Figure, ratio


def own_share(are_own: Iterable[bool]) -> Figure:
    """
    Return the share of reasons that are the person's own, whoever said them first.

    returns  0 to 1, exact; undefined (ZERO_DENOMINATOR) without reasons
    """
    said = list(are_own)
    return ratio(sum(said), len(said))
