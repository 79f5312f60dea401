"""Log lines as JSON: references and places, never the text of an exception or its locals."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
    """One JSON object a line; of an exception only its class, SQLSTATE and where it arose."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for `record`."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if record.exc_info is None else record.msg,
        }
        for name in ("request_id", "clinic", "job", "status"):
            value = getattr(record, name, None)
            if value is not None:
                line[name] = str(value)
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            line["exception"] = kind.__name__
            state = getattr(error, "sqlstate", None)
            if state:
                line["sqlstate"] = state
            line["places"] = [f"{f.filename}:{f.lineno} {f.name}" for f in traceback.extract_tb(trace)[-8:]]
        return json.dumps(line)
