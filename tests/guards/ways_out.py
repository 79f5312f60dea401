"""What could carry data of people in care out of the program: found in the source, place by place."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("clinics", "clients", "sessions", "analytics", "config")
RESPONSES = frozenset({"FileResponse", "StreamingHttpResponse"})
MAILS = frozenset(
    {"send_mail", "send_mass_mail", "mail_admins", "mail_managers", "EmailMessage", "EmailMultiAlternatives"}
)
WRITES = frozenset({"write_text", "write_bytes"})
OUTSIDE = frozenset(
    {
        "aiohttp", "boto3", "ftplib", "http.client", "httpx", "paramiko", "requests", "smtplib", "socket", "telnetlib",
        "urllib.request", "urllib3", "xmlrpc",
    }
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Place:
    """One place: "clients/views/disclosures.py", the function it stands in, and what it is."""

    file: str
    function: str
    kind: str


def places() -> set[Place]:
    """Return every place of the program that could send something out."""
    found: set[Place] = set()
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                found |= set(places_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))))
    return found


def places_in(source: str, file: str) -> Iterator[Place]:
    """Yield the places of one module."""
    yield from _walk(ast.parse(source), file, "")


def _walk(node: ast.AST, file: str, function: str) -> Iterator[Place]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _walk(child, file, f"{function}.{child.name}".lstrip("."))
            continue
        kind = _kind(child)
        if kind:
            yield Place(file, function, kind)
        yield from _walk(child, file, function)


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() == "content-disposition":
        return "attachment"
    if isinstance(node, ast.Import) and any(_is_outside(name.name) for name in node.names):
        return "network"
    if (
        isinstance(node, ast.ImportFrom)
        and node.module
        and any(_is_outside(name) for name in (node.module, *(f"{node.module}.{one.name}" for one in node.names)))
    ):
        return "network"
    if not isinstance(node, ast.Call):
        return ""
    name = _name(node.func)
    if name in RESPONSES:
        return "stream"
    if name in MAILS:
        return "mail"
    if name in WRITES or (name == "open" and _writes(node)):
        return "file"
    if name == "save" and "storage" in ast.unparse(node.func).lower():
        return "file"
    if name in ("write", "writerow", "writerows") and "stdout" in ast.unparse(node.func):
        return "output"
    return "output" if name == "write_rows" else ""


def _is_outside(module: str) -> bool:
    return module in OUTSIDE or module.split(".")[0] in OUTSIDE


def _name(func: ast.expr) -> str:
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _writes(call: ast.Call) -> bool:
    """Tell whether an `open` writes; a mode that is not written out counts as writing."""
    is_method = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) != "io"
    modes = [one.value for one in call.keywords if one.arg == "mode"] or call.args[0 if is_method else 1 :][:1]
    if not modes:
        return False
    mode = modes[0]
    if not isinstance(mode, ast.Constant):
        return not is_method
    return isinstance(mode.value, str) and len(mode.value) <= 3 and bool(set(mode.value) & set("wax+"))
