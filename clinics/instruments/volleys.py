"""
Volleys: uninterrupted therapist turns, derived from the lines of a transcript.

Source: MITI 4.2.1 E.1 and E.3 (shared/domain/fidelity.md 1.3); the word list is ours.
"""

import re
from collections.abc import Sequence

from clinics.instruments.lines import CodedLine, Speaker

# Words by which a listener says "go on". "Yes" and "no" are left out: they mostly answer something.
BACK_CHANNELS = (
    "yeah", "yep", "yup", "right", "okay", "ok", "sure", "oh", "ah", "hm", "hmm", "mm", "mmm", "mhm",
    "mm-hm", "mm-hmm", "mmm-hmm", "mm hmm", "uh-huh", "uh huh", "um-hum", "i see",
)  # fmt: skip
LONGEST_BACK_CHANNEL = 3
_BACK_CHANNEL = "|".join(re.escape(token) for token in sorted(BACK_CHANNELS, key=len, reverse=True))
_ONLY_BACK_CHANNELS = re.compile(rf"(?:{_BACK_CHANNEL})(?: (?:{_BACK_CHANNEL})){{0,{LONGEST_BACK_CHANNEL - 1}}}")


def is_back_channel(text: str) -> bool:
    """
    Tell whether the words only signal listening ("Mm-hmm.", "Yeah, right.").

    At most three such signals in a row; a question mark makes it speech of its own.
    """
    words = " ".join(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()))
    return "?" not in text and _ONLY_BACK_CHANNELS.fullmatch(words) is not None


def breaks_volley(line: CodedLine) -> bool:
    """
    Tell whether a client line ends the therapist's volley.

    The coder's own mark decides (a "yeah" that answers a direct question does end it). Without a mark, a line
    of back-channel words does not; any other line, and a line whose words may not be read, does.
    """
    if line.breaks_volley is not None:
        return line.breaks_volley
    return line.text is None or not is_back_channel(line.text)


def volley_numbers(lines: Sequence[CodedLine]) -> list[int | None]:
    """
    Return the volley of each line: 0, 1, 2, … for therapist lines, None for client lines.

    The mark of a therapist line is not read: only the other person's speech ends a volley.
    """
    numbers: list[int | None] = []
    volley = -1
    is_open = False
    for line in lines:
        if line.speaker is Speaker.THERAPIST:
            if not is_open:
                volley += 1
                is_open = True
            numbers.append(volley)
        else:
            is_open = is_open and not breaks_volley(line)
            numbers.append(None)
    return numbers
