"""The report of an import in sentences: the same words on the page and at the command line."""

from collections.abc import Mapping
from typing import Any

MOST_LISTED = 200
HEADLINES = {
    "imported": "Imported.",
    "unchanged": "Nothing to import: every usable transcript of this file is here already, unchanged.",
    "checked": "This file can be imported. Nothing was written.",
    "refused": "Nothing was imported.",
}


def headline(report: Mapping[str, Any]) -> str:
    """Return in one sentence how an import ended."""
    if report["outcome"] == "imported":
        return f"{counted(report['transcripts'], 'transcript')} came into the practice room."
    if report["outcome"] == "refused" and report["errors"]:
        errors = counted(report["errors"], "error")
        return f"Nothing was imported: the file has {errors}."
    return HEADLINES[report["outcome"]]


def counts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the counts of an import as (name, number)."""
    found = [
        ("Rows read", f"{report['rows']:,}"),
        ("Transcripts", f"{report['transcripts']:,}"),
        ("Lines", f"{report['lines']:,}"),
        ("Codings, scored and locked", f"{report['codings']:,}"),
        ("Here already, unchanged", f"{report['unchanged']:,}"),
        ("Rows left out", f"{report['rows_skipped']:,}"),
        ("Errors", f"{report['errors']:,}"),
        ("Warnings", f"{report['warnings']:,}"),
    ]
    return found


def place(finding: Mapping[str, Any]) -> str:
    """Return where a finding stands: 'row 12, column timestamp', 'transcript 7', or ''."""
    if finding["row"] is not None:
        where = f"row {finding['row']}"
    elif finding["transcript"] is not None:
        where = f"transcript {finding['transcript']}"
    else:
        where = ""
    column = f"column {finding['column']}" if finding["column"] else ""
    return ", ".join(part for part in (where, column) if part)


def left_out(report: Mapping[str, Any]) -> list[str]:
    """Return which transcripts and codings stayed out, in sentences."""
    found = [f"Transcript {key} was left out." for key in report["left_out_transcripts"]]
    found += [
        f"The coding of transcript {key} by coder {coder} was left out." for key, coder in report["left_out_codings"]
    ]
    return found


def lines_of_report(report: Mapping[str, Any]) -> list[str]:
    """Return the whole report as lines of text: findings first, then what stayed out, then the counts."""
    lines = []
    for finding in report["findings"][:MOST_LISTED]:
        where = place(finding)
        lines.append(
            f"{finding['weight']}: {where}: {finding['sentence']}"
            if where
            else f"{finding['weight']}: {finding['sentence']}"
        )
    more = report["errors"] + report["warnings"] - min(len(report["findings"]), MOST_LISTED)
    if more > 0:
        lines.append(f"and {more:,} more of the kind")
    if report["outcome"] in ("imported", "checked"):
        lines += left_out(report)[:MOST_LISTED]
    lines.append(headline(report))
    lines += [f"  {name}: {number}" for name, number in counts(report)]
    if report["batch"] is not None:
        lines.append(f"  Import: {report['batch']}")
    return lines


def counted(number: int, what: str) -> str:
    """Return '1 transcript' or '3 transcripts'."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
