"""A small invented instrument as TOML, and ways to change it, for tests."""

SMALL = """\
key = "small"
version = "1"
name = "Small"
modality = "mi"
licence_class = "open"
attribution = "Invented for tests."
comparability_group = "small"
counting = "line"

[[groups]]
key = "talk"
label = "Talk"
kind = "utterance_code"

[[groups.items]]
key = "ASK"
label = "Ask"
definition = "Asks."
speaker = "therapist"
keyboard = "q"
colour = "question"

[[groups.items]]
key = "SAY"
label = "Say"
definition = "Says."
speaker = "therapist"
keyboard = "s"
colour = "reflection"
tags = ["said"]

[[groups.items]]
key = "NONE"
label = "Nothing"
definition = "Looked at."
speaker = "therapist"
keyboard = "n"
colour = "neutral"
no_code = true

[[groups.items]]
key = "WISH"
label = "Wish"
definition = "Wishes."
speaker = "client"
keyboard = "q"
colour = "change"

[[groups.items]]
key = "STRONG"
label = "Strongly"
definition = "Wishes strongly."
speaker = "client"
keyboard = "t"
colour = "change"

[[groups]]
key = "rated"
label = "Rated"
kind = "global"
scale = { min = 1, max = 5, start = 3 }

[[groups.items]]
key = "CALM"
label = "Calm"
definition = "How calm."
anchors = [{ value = 1, text = "not" }, { value = 5, text = "very" }]

[[slots]]
key = "words"
label = "Words"
items = ["ASK", "SAY"]

[[slots]]
key = "nothing"
label = "Nothing"
items = ["NONE"]

[[slots]]
key = "wish"
label = "Wish"
items = ["WISH"]

[[slots]]
key = "strength"
label = "Strength"
items = ["STRONG"]
follows = "WISH"

[[decision_help]]
situation = "Ask or say?"
assign = "Say"
items = ["ASK", "SAY"]
source = "Invented"

[[scores]]
key = "ask_n"
label = "Asked"
expr = { item = "ASK" }
display = { dp = 0 }
pool = "sum"

[[scores]]
key = "share"
label = "Share said"
expr = { ratio = [{ tag_sum = "said" }, { sum = [{ score = "ask_n" }, { tag_sum = "said" }] }] }
display = { dp = 1, factor = 100, suffix = "%" }
pool = "pooled_ratio"

[[scores]]
key = "calm"
label = "Calm"
expr = { mean = [{ item = "CALM" }] }
display = { dp = 1 }
pool = "mean"

[[threshold_sets]]
key = "official"
label = "Invented"
official = true
source = "Invented"
caveat = "Only a test."
thresholds = [{ score = "share", fair = "0.4", good = "0.5" }]

[[vectors]]
key = "V1"
ratings = { CALM = 4 }
counts = { ASK = 1, SAY = 1 }
expect = { share = { value = "0.5", band = "good" }, calm = { value = 4 } }
"""


def changed(*changes: tuple[str, str]) -> str:
    """Return the small instrument with texts replaced, each of which must stand in it."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
