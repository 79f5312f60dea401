"""The pages of transcripts, as tests ask for them."""

import re

from django.urls import reverse


def url(name, *args, side="riverbend"):
    return reverse(name, args=[side, *args])


def text_of(response):
    """Return what a reader sees of a page: its words, without tags."""
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
