"""Reading definitions: each broken rule is named with its key and its mend, and JSON gives back the same definition."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinics.instruments import catalogue
from clinics.instruments.schema import (
    LARGEST_FILE,
    DefinitionError,
    definition_from_json,
    definition_hash,
    definition_to_json,
    parse_definition,
)

from .invented import SMALL, changed

SAID = '{ tag_sum = "said" }, { sum = ['


def problems_of(source):
    with pytest.raises(DefinitionError) as caught:
        parse_definition(source, "mine.toml")
    return caught.value.problems


def deep(levels):
    return "{ sum = [" * levels + "1" + "] }" * levels


BROKEN = {
    "a comma too many": ([("[[slots]]", "[[slots]],")], "", "not valid TOML", "that place"),
    "an unknown key at the top": ([("counting =", "countin =")], "countin", "not known", "'counting'"),
    "an unknown key on an item": ([('colour = "question"', 'colour = "question"\ncolor = "x"')],
        "groups[0].items[0].color", "not known", "'colour'"),
    "an unknown key in a score": ([("dp = 1, factor", "dp = 1, digits = 2, factor")],
        "scores[1].display.digits", "not known", "Known here: suffix, dp, factor"),
    "a scale on counted items": ([('kind = "utterance_code"', 'kind = "utterance_code"\nscale = { min = 0, max = 1 }')],
        "groups[0].scale", "counted, not rated", "Remove the scale"),
    "a missing name": ([('name = "Small"\n', "")], "name", "missing", "a text of at most 80"),
    "a missing expression": ([('expr = { item = "ASK" }\n', "")], "scores[0].expr", "missing", "how the score is computed"),
    "a missing display": ([("display = { dp = 0 }\n", "")], "scores[0].display", "missing", "display = { dp = 1 }"),
    "a number for a text": ([('label = "Ask"', "label = 7")], "groups[0].items[0].label", "Here stands 7", "a text of at most"),
    "an empty text": ([('label = "Ask"', 'label = " "')], "groups[0].items[0].label", "Here stands ' '", "a text of at most"),
    "a text for a flag": ([("no_code = true", 'no_code = "yes"')], "groups[0].items[2].no_code", "'yes'", "true or false"),
    "a text for a number": ([("min = 1", 'min = "1"')], "groups[1].scale.min", "'1'", "a whole number from"),
    "a table for a list": ([('items = ["WISH"]', "items = {}")], "slots[2].items", "a table", "a list of 1 to 40 names"),
    "a list for a table": ([("display = { dp = 0 }", "display = []")], "scores[0].display", "a list", "Write a table"),
    "an odd key": ([('key = "ASK"', 'key = "A SK"')], "groups[0].items[0].key", "'A SK'", "letters, digits"),
    "an unknown word": ([('kind = "global"', 'kind = "globe"')], "groups[1].kind", "'globe'", "one of: utterance_code, count, global"),
    "a bad licence class": ([('licence_class = "open"', 'licence_class = "free"')],
        "licence_class", "'free'", "open, attest, total_only, result_only, clinic_supplied"),
    "no score at all": ([('[[scores]]', '[[scoring]]')] * 3, "scores", "missing", "a list of 1 to 100 tables"),
    "an unknown item in a score": ([('expr = { item = "ASK" }', 'expr = { item = "ASKED" }')],
        "scores[0].expr", "no item 'ASKED'", "key of an item"),
    "no code in a score": ([('expr = { item = "ASK" }', 'expr = { item = "NONE" }')],
        "scores[0].expr", "no item 'NONE'", "counted or rated"),
    "an unknown item in count_if": ([('expr = { item = "ASK" }', 'expr = { count_if = { items = ["GONE"], op = ">=", value = 1 } }')],
        "scores[0].expr", "no item 'GONE'", "key of an item"),
    "an unknown score in a score": ([('{ score = "ask_n" }', '{ score = "asked" }')],
        "scores[1].expr", "no score 'asked'", "another score"),
    "an unknown tag in a score": ([(SAID, '{ tag_sum = "sed" }, { sum = [')], "scores[1].expr", "the tag 'sed'", "tag the items"),
    "an unknown operation": ([('expr = { item = "ASK" }', 'expr = { eval = "1+1" }')],
        "scores[0].expr", "not an operation", "item, tag_sum, score, sum"),
    "two operations at once": ([('expr = { item = "ASK" }', 'expr = { item = "ASK", tag_sum = "said" }')],
        "scores[0].expr", "not an operation", "with one of"),
    "a sentence for an expression": ([('expr = { item = "ASK" }', 'expr = "ASK + 1"')],
        "scores[0].expr", "'ASK + 1'", "a table with one operation"),
    "a ratio of three": ([("expr = { ratio = [", "expr = { ratio = [1, ")], "scores[1].expr.ratio", "not as they should", "exactly two"),
    "an empty sum": ([('expr = { item = "ASK" }', "expr = { sum = [] }")], "scores[0].expr.sum", "not as they should", "1 to 200"),
    "a comparison without a sign": ([('expr = { item = "ASK" }', 'expr = { cmp = [1, "=>", 2] }')],
        "scores[0].expr.cmp", "not as it should", ">= > <= <"),
    "a look-up by number": ([('expr = { item = "ASK" }', "expr = { item = 1 }")], "scores[0].expr.item", "Here stands 1", "key of an item"),
    "a count_if that is a list": ([('expr = { item = "ASK" }', "expr = { count_if = [1] }")],
        "scores[0].expr.count_if", "a list", "Write a table"),
    "scores in a circle": ([('expr = { item = "ASK" }', 'expr = { score = "calm" }'), ('expr = { mean = [{ item = "CALM" }] }', 'expr = { mean = [{ item = "CALM" }, { score = "ask_n" }] }')],
        "scores", "ask_n > calm > ask_n", "Let 'calm' be computed without 'ask_n'"),
    "a score of itself": ([('expr = { item = "ASK" }', 'expr = { score = "ask_n" }')], "scores", "ask_n > ask_n", "computed without"),
    "an expression too deep": ([('expr = { item = "ASK" }', f"expr = {deep(17)}")], "scores[0].expr" + ".sum[0]" * 16, "more than 16 deep", "a score of its own"),
    "a number that outgrows all bounds": ([('expr = { item = "ASK" }', "expr = { mul = [" + ", ".join(['{ item = "ASK" }'] * 200) + "] }"),
        ("mean = [{", 'mean = [{ mul = [{ score = "ask_n" }, { score = "ask_n" }] }, {')],
        "scores[2].expr", "beyond all bounds", "fewer terms"),
    "an exponent bomb": ([('expr = { item = "ASK" }', "expr = 1e999999999")], "scores[0].expr", "a decimal number", "Write a number"),
    "a very long number": ([('expr = { item = "ASK" }', "expr = 0x" + "f" * 20_000)], "scores[0].expr", "a very large number", "Write a number"),
    "a number no machine reads": ([('expr = { item = "ASK" }', "expr = " + "9" * 10_000)], "", "too long", "at most ten digits"),
    "lists within lists": ([("no_code = true", "no_code = " + "[" * 5_000 + "]" * 5_000)], "", "nested too deep", "flatter"),
    "a group key twice": ([('key = "rated"', 'key = "talk"')], "groups", "group key 'talk' is used twice", "of its own"),
    "an item key twice": ([('key = "CALM"', 'key = "ASK"')], "groups", "item key 'ASK' is used twice", "of its own"),
    "a slot key twice": ([('key = "nothing"', 'key = "words"')], "slots", "slot key 'words' is used twice", "of its own"),
    "a score key twice": ([('key = "calm"', 'key = "share"')], "scores", "score key 'share' is used twice", "of its own"),
    "a vector key twice": ([("[[vectors]]\n", '[[vectors]]\nkey = "V1"\nexpect = { ask_n = { value = 0 } }\n\n[[vectors]]\n')],
        "vectors", "vector key 'V1' is used twice", "of its own"),
    "an item in two slots": ([('items = ["NONE"]', 'items = ["NONE", "ASK"]')], "slots[1].items[1]", "stands in two slots, 'words' and 'nothing'", "one of them"),
    "no code beside codes": ([('items = ["ASK", "SAY"]', 'items = ["ASK", "SAY", "NONE"]'), ('\n[[slots]]\nkey = "nothing"\nlabel = "Nothing"\nitems = ["NONE"]\n', "")],
        "slots[0].items", "mixes 'no code' with codes", "slot of its own"),
    "both speakers in a slot": ([('items = ["WISH"]', 'items = ["WISH", "ASK"]'), ('items = ["ASK", "SAY"]', 'items = ["SAY"]')],
        "slots[2].items", "both speakers", "slot of its own"),
    "a slot of ratings": ([('items = ["NONE"]', 'items = ["NONE", "CALM"]')], "slots[1].items[1]", "no utterance code 'CALM'", "of kind utterance_code"),
    "a slot of unknown codes": ([('items = ["NONE"]', 'items = ["NONE", "GONE"]')], "slots[1].items[1]", "no utterance code 'GONE'", "of kind utterance_code"),
    "a slot that follows nothing": ([('follows = "WISH"', 'follows = "HOPE"')], "slots[3].follows", "'HOPE' is not an item", "same line"),
    "a slot that follows itself": ([('follows = "WISH"', 'follows = "STRONG"')], "slots[3].follows", "'STRONG' is not an item", "same line"),
    "a slot that follows the other speaker": ([('follows = "WISH"', 'follows = "ASK"')], "slots[3].follows", "other speaker", "same speaker"),
    "a code without a slot": ([('items = ["ASK", "SAY"]', 'items = ["ASK"]')], "groups[0].items[1]", "No slot holds the code 'SAY'", "Add it to a slot"),
    "a rating no score uses": ([('{ item = "CALM" }', '{ item = "ASK" }')], "groups[1].items[0]", "No score uses the item 'CALM'", "unscored = true"),
    "a keyboard key twice": ([('keyboard = "s"', 'keyboard = "q"')], "groups[0].items[1].keyboard", "'q' already gives ASK", "no other code"),
    "an alias that is taken": ([('keyboard = "s"', 'keyboard = "s"\nkeyboard_alias = "q"')], "groups[0].items[1].keyboard_alias", "'q' already gives ASK", "no other code"),
    "a keyboard key of the grid": ([('keyboard = "s"', 'keyboard = "z"')], "groups[0].items[1].keyboard", "'z' cannot be used", "other than: u z"),
    "a capital as keyboard key": ([('keyboard = "s"', 'keyboard = "S"')], "groups[0].items[1].keyboard", "'S' cannot be used", "a small letter"),
    "a word as keyboard key": ([('keyboard = "s"', 'keyboard = "say"')], "groups[0].items[1].keyboard", "'say'", "at most 1"),
    "a counting rule without codes": ([('kind = "utterance_code"', 'kind = "count"')], "counting", "no utterance code to count", "Remove"),
    "a scale without an end": ([("max = 5, ", "")], "groups[1].scale.max", "missing", "a whole number from"),
    "a score without a pool": ([('pool = "sum"\n', "")], "scores[0].pool", "missing", "mean, pooled_ratio, sum"),
    "a count_if without a number": ([('expr = { item = "ASK" }', 'expr = { count_if = { items = ["ASK"], op = ">=" } }')],
        "scores[0].expr.count_if.value", "missing", "a whole number, or a decimal"),
    "codes without a counting rule": ([('counting = "line"\n', "")], "counting", "need a counting rule", '"volley" or "line"'),
    "a scale upside down": ([("max = 5", "max = 0")], "groups[1].items[0].scale", "ends before it begins", "min below max"),
    "a start off the scale": ([("start = 3", "start = 9")], "groups[1].items[0].scale.start", "9 is not on the scale", "a value of the scale"),
    "an anchor off the scale": ([("value = 5", "value = 7")], "groups[1].items[0].anchors[1].value", "7 is not on the scale", "widen the scale"),
    "two anchors for a value": ([("value = 5", "value = 1")], "groups[1].items[0].anchors", "two anchors", "one anchor for each"),
    "a rating without a scale": ([("scale = { min = 1, max = 5, start = 3 }\n", "")], "groups[1].items[0].scale", "needs a scale", "on its group"),
    "a count pooled as a ratio": ([('pool = "sum"', 'pool = "pooled_ratio"')], "scores[0].pool", "Only a ratio of whole counts", 'pool = "mean"'),
    "a ratio of means pooled as a ratio": ([("expr = { ratio = [", 'expr = { ratio = [{ score = "calm" }, 2] }\nnote = ['), ('"said" }] }] }', '"said" }] }]')],
        "scores[1].pool", "Only a ratio of whole counts", 'pool = "mean"'),
    "counted words without a ratio": ([("display = { dp = 0 }", 'display = { dp = 0 }\ncounted = { numerator = "a", denominator = "b", nothing = "c" }')],
        "scores[0].counted", "Only a ratio", "Remove"),
    "a threshold of an unknown score": ([('score = "share", fair', 'score = "sahre", fair')],
        "threshold_sets[0].thresholds[0].score", "no score 'sahre'", "key of a score"),
    "thresholds that do not ascend": ([('fair = "0.4"', 'fair = "0.5"')], "threshold_sets[0].thresholds[0]", "do not ascend", "above the fair"),
    "a threshold without a level": ([(', fair = "0.4", good = "0.5"', "")], "threshold_sets[0].thresholds[0]", "no level", "fair, good, or both"),
    "a threshold in words": ([('fair = "0.4"', 'fair = "a third"')], "threshold_sets[0].thresholds[0].fair", "'a third'", "whole number, or a decimal"),
    "a threshold over zero": ([('fair = "0.4"', 'fair = "1/0"')], "threshold_sets[0].thresholds[0].fair", "'1/0'", "whole number, or a decimal"),
    "two thresholds for one score": ([("thresholds = [", 'thresholds = [{ score = "share", fair = 0 }, ')],
        "threshold_sets[0].thresholds", "'share' has two", "one for each"),
    "two official sets": ([("[[vectors]]", '[[threshold_sets]]\nkey = "b"\nlabel = "B"\nofficial = true\nsource = "B"\ncaveat = "B"\nthresholds = [{ score = "calm", good = 4 }]\n\n[[vectors]]')],
        "threshold_sets", "Two sets are official", "one of them"),
    "help about an unknown item": ([('assign = "Say"\nitems = ["ASK", "SAY"]', 'assign = "Say"\nitems = ["ASK", "SHOUT"]')],
        "decision_help[0].items", "no item 'SHOUT'", "key of a item"),
    "a vector with a wrong value": ([('value = "0.5", band', 'value = "0.4", band')], "vectors[0].expect.share.value", "expects 0.4; the engine finds 0.5", "Mend the expectation"),
    "a vector with a wrong band": ([('band = "good"', 'band = "fair"')], "vectors[0].expect.share.band", "expects 'fair'; the engine finds 'good'", "Mend the expectation"),
    "a vector that expects a reason": ([('calm = { value = 4 }', 'calm = { reason = "missing_input" }')],
        "vectors[0].expect.calm.reason", "finds nothing", "Mend the expectation"),
    "a vector with a wrong tally": ([("expect = {", "tallies = { ASK = 2 }\nexpect = {")], "vectors[0].tallies.ASK", "expects 2; the engine finds 1", "Mend"),
    "a vector with an impossible rating": ([("CALM = 4 }", "CALM = 9 }")], "vectors[0]", "CALM cannot be 9", "Mend its inputs"),
    "a vector with impossible codes": ([("counts = { ASK = 1, SAY = 1 }", 'lines = [{ speaker = "client", codes = ["STRONG"] }]')],
        "vectors[0]", "Strongly needs Wish", "Mend its inputs"),
    "a vector of unknown items": ([("ASK = 1,", "ASKS = 1,")], "vectors[0].counts", "no counted item 'ASKS'", "key of a counted item"),
    "a vector of unknown scores": ([("calm = { value", "clam = { value")], "vectors[0].expect", "no score 'clam'", "key of a score"),
    "a vector that expects nothing": ([('expect = { share = { value = "0.5", band = "good" }, calm = { value = 4 } }', "")],
        "vectors[0]", "expects nothing", "expect or tallies"),
    "a vector with lines and counts": ([("counts =", 'lines = [{ speaker = "client" }]\ncounts =')], "vectors[0]", "both lines and counts", "Keep the lines"),
    "no vector": ([("[[vectors]]", "[segment]\n")], "vectors", "missing", "a list of 1 to 200 tables"),
}  # fmt: skip


def test_the_unbroken_definition_is_read():
    assert parse_definition(SMALL, "mine.toml").key == "small"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_named_with_its_key_and_its_mend(name):
    changes, key, message, mend = BROKEN[name]
    found = problems_of(changed(*changes))
    assert [one for one in found if one.key == key and message in one.message and mend in one.mend], found
    assert {one.file for one in found} == {"mine.toml"}
    assert all(one.mend.endswith((".", "?")) and one.message.endswith(".") for one in found)


def test_all_problems_are_found_at_once():
    found = problems_of(
        changed(('name = "Small"\n', ""), ('keyboard = "s"', 'keyboard = "q"'), ('fair = "0.4"', "fair = true"))
    )
    assert [one.key for one in found] == [
        "name",
        "threshold_sets[0].thresholds[0].fair",
        "groups[0].items[1].keyboard",
    ]


def test_a_file_that_is_not_text_is_refused():
    (problem,) = problems_of(SMALL.encode("utf-16"))
    assert "not UTF-8" in problem.message
    assert problem.mend == "Save the file as UTF-8."


def test_a_file_beyond_256_kib_is_refused_before_it_is_read():
    (problem,) = problems_of(b"#" * (LARGEST_FILE + 1))
    assert "262,145 bytes" in problem.message
    assert "at most 262,144 bytes" in problem.mend
    assert parse_definition(SMALL + "#" * (LARGEST_FILE - len(SMALL.encode())), "mine.toml")


def test_text_with_byte_order_mark_and_windows_line_ends_is_read():
    source = b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()
    assert parse_definition(source, "mine.toml") == parse_definition(SMALL, "mine.toml")


def test_a_flood_of_unknown_keys_is_not_described_to_its_end():
    assert len(problems_of("".join(f"k{n} = 1\n" for n in range(20_000)) + SMALL)) == 20


def test_a_file_beyond_all_mending_gives_at_most_500_problems():
    broken_slots = "".join("[[slots]]\nkey = 1\nlabel = 1\nitems = [" + "1, " * 40 + "]\n" for _ in range(36))
    assert len(problems_of(SMALL + broken_slots)) == 500


def test_the_error_reads_as_lines_of_file_key_message_and_mend():
    with pytest.raises(DefinitionError) as caught:
        parse_definition(changed(('name = "Small"\n', "")), "mine.toml")
    assert str(caught.value) == "mine.toml, name: This key is missing. Write a text of at most 80 characters."


def test_a_measure_fits_the_same_form():
    items = "\n".join(
        f'[[groups.items]]\nkey = "M{n}"\nlabel = "Item {n}"\ndefinition = "Asked."\ntags = ["all"]' for n in range(4)
    )
    measure = parse_definition(
        'key = "mood"\nversion = "1"\nname = "Mood"\nmodality = "other"\nlicence_class = "open"\nattribution = "Invented."\n'
        'comparability_group = "mood"\n[[groups]]\nkey = "answers"\nlabel = "Answers"\nkind = "answer"\n'
        f"scale = {{ min = 0, max = 3 }}\n{items}\n"
        '[[groups.items]]\nkey = "HARD"\nlabel = "Difficulty"\ndefinition = "Stored, not scored."\nunscored = true\n'
        '[[scores]]\nkey = "total"\nlabel = "Total"\nexpr = { tag_sum = "all" }\nmissing = "prorate"\ndisplay = { dp = 0 }\npool = "mean"\n'
        '[[vectors]]\nkey = "one_missing"\nratings = { M0 = 3, M1 = 2, M2 = 1 }\nexpect = { total = { value = 8 } }\n',
        "mood.toml",
    )
    assert measure.rated_items == ("M0", "M1", "M2", "M3", "HARD")


@pytest.mark.parametrize(
    "definition", [*catalogue.shipped().values(), parse_definition(SMALL, "small.toml")], ids=lambda d: d.key
)
def test_json_gives_back_the_same_definition_with_the_same_hash(definition):
    document = definition_to_json(definition)
    stored = json.loads(json.dumps(document))
    again = definition_from_json(stored, "stored")
    assert again == definition
    assert definition_hash(stored) == definition_hash(definition_to_json(again))
    assert re.fullmatch("[0-9a-f]{64}", definition_hash(document))


def test_the_hash_does_not_depend_on_the_order_of_keys_but_on_every_value():
    document = definition_to_json(parse_definition(SMALL, "small.toml"))
    assert definition_hash(dict(reversed(document.items()))) == definition_hash(document)
    assert definition_hash({**document, "name": "Other"}) != definition_hash(document)


def test_stored_json_is_checked_again():
    document = definition_to_json(parse_definition(SMALL, "small.toml"))
    document["scores"][0]["expr"] = {"item": "GONE"}
    with pytest.raises(DefinitionError, match="no item 'GONE'"):
        definition_from_json(document, "stored")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SMALL_JSON = definition_to_json(parse_definition(SMALL, "small.toml"))


def places(document, path=()):
    if not isinstance(document, dict | list):
        return
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield (*path, key)
        yield from places(value, (*path, key))


@given(st.sampled_from(list(places(SMALL_JSON))), json_values)
def test_any_value_in_any_place_is_either_read_or_described(place, value):
    document = json.loads(json.dumps(SMALL_JSON))
    target = document
    for key in place[:-1]:
        target = target[key]
    target[place[-1]] = value
    try:
        definition = definition_from_json(document, "stored")
    except DefinitionError:
        return
    assert definition_from_json(definition_to_json(definition), "again") == definition
