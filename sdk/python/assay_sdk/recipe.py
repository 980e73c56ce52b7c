"""Recipes: trees of files, their id, edits of them, and who may edit what."""

import hashlib
import re

_MARKER = re.compile(r"# --- section: ([A-Za-z0-9_-]{1,64}) ---\r?")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SEARCH = 1000


class EditError(ValueError):
    """Why an edit cannot be read, or does not apply."""


def digest(files: dict) -> str:
    """The snapshot id (docs/wire-protocol.md, section 7)."""
    listing = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.encode()):
        listing.update(path.encode() + b"\0" + hashlib.sha256(files[path]).hexdigest().encode() + b"\n")
    return listing.hexdigest()


def _path(line: str) -> str:
    path = line[4:].split("\t")[0].rstrip("\r\n")
    if path.startswith(("a/", "b/")):
        path = path[2:]
    parts = path.split("/")
    if not path or path.startswith("/") or any(part in ("", ".", "..") for part in parts) or "\\" in path:
        raise EditError(f"{path[:200]!r} is no path inside a recipe")
    return path


def parse(edit: bytes) -> dict:
    """The hunks of a unified diff by file: lists of (first line, [(kind, line)])."""
    if len(edit) > 1 << 20:
        raise EditError("the patch is longer than 1 MiB; send a smaller change")
    if b"\0" in edit or b"GIT binary patch" in edit:
        raise EditError("binary patches are not taken; change text files only")
    try:
        lines = edit.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise EditError("the patch is no UTF-8 text") from None
    files: dict = {}
    hunks, index = None, 0
    while index < len(lines):
        line = lines[index]
        if line.startswith("--- ") and index + 1 < len(lines) and lines[index + 1].startswith("+++ "):
            if "/dev/null" in line or "/dev/null" in lines[index + 1]:
                raise EditError("files are neither created nor deleted by an edit")
            path = _path(lines[index + 1])
            if path in files:
                raise EditError(f"the patch names {path!r} twice; put all its hunks under one header")
            hunks = files[path] = []
            index += 2
            continue
        head = _HUNK.match(line)
        if head and hunks is not None:
            old, new = int(head[2] or 1), int(head[4] or 1)
            start = int(head[1]) - (1 if old else 0)
            body, index = [], index + 1
            while old > 0 or new > 0:
                if index >= len(lines):
                    raise EditError("the patch ends inside a hunk")
                text = lines[index]
                kind = text[:1] or " "
                index += 1
                if kind == "\\" and body:
                    body[-1] = (body[-1][0], body[-1][1][:-1])
                    continue
                if kind not in " +-":
                    raise EditError(f"line {index} of the patch is no line of a hunk")
                body.append((kind, text[1:] + "\n"))
                old, new = old - (kind != "+"), new - (kind != "-")
            if old or new:
                raise EditError("a hunk has other lines than its header says")
            if index < len(lines) and lines[index].startswith("\\"):
                body[-1] = (body[-1][0], body[-1][1][:-1])
                index += 1
            hunks.append((start, body))
            continue
        if line.startswith(("rename ", "copy ", "new file", "deleted file", "old mode", "new mode")):
            raise EditError("an edit changes lines of files; it neither renames them nor changes their mode")
        index += 1
    if not any(files.values()):
        raise EditError("the patch names no file; send a unified diff with '--- a/FILE', '+++ b/FILE' and '@@' lines")
    return files


def lines(text: str) -> list:
    """Lines with their line feeds; only the line feed ends a line."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def apply(files: dict, changes: dict) -> dict:
    """The tree after an edit. Raises EditError when it does not apply."""
    edited = dict(files)
    for path, hunks in changes.items():
        if path not in files:
            raise EditError(f"the recipe has no file {path!r}")
        whole = lines(files[path].decode("utf-8", "surrogateescape"))
        out, cursor, shift = [], 0, 0
        for number, (stated, body) in enumerate(hunks, 1):
            old = [text for kind, text in body if kind != "+"]
            places = [
                at for at in range(max(cursor, stated + shift - _SEARCH), min(len(whole), stated + shift + _SEARCH) + 1)
                if whole[at:at + len(old)] == old and at + len(old) <= len(whole)
            ]
            if not places:
                raise EditError(f"hunk {number} of {path!r} does not apply; take the diff against the parent's recipe")
            at = min(places, key=lambda at: abs(at - stated - shift))
            if places.count(2 * (stated + shift) - at) and at != stated + shift:
                raise EditError(f"hunk {number} of {path!r} fits at two places; give it the right line number")
            out += whole[cursor:at] + [text for kind, text in body if kind != "-"]
            cursor, shift = at + len(old), at - stated
        edited[path] = "".join(out + whole[cursor:]).encode("utf-8", "surrogateescape")
    return edited


def sections(content: bytes) -> list:
    """(name, content) of each section in order; what comes before the first marker is `preamble`."""
    found = [["preamble", []]]
    for line in content.decode("utf-8", "surrogateescape").split("\n"):
        if re.sub(r"\s", "", line).startswith("#---section"):
            marker = _MARKER.fullmatch(line)
            if not marker or marker[1] in [name for name, _ in found]:
                raise EditError(f"{line[:100]!r} is no section marker, or names a section twice")
            found.append([marker[1], []])
        else:
            found[-1][1].append(line)
    return [(name, "\n".join(lines)) for name, lines in found]


def violations(before: dict, after: dict, allowed: dict) -> list:
    """What an edit changes outside of `allowed`: section names by file, no names for all of a file."""
    found = []
    for path in sorted(set(before) | set(after)):
        if before.get(path) == after.get(path):
            continue
        if path not in allowed or path not in before or path not in after:
            found.append(f"'{path}' is not yours to edit")
            continue
        try:
            old, new = sections(before[path]), sections(after[path])
        except EditError as error:
            found.append(f"the edit breaks the section markers of '{path}': {error}")
            continue
        if [name for name, _ in old] != [name for name, _ in new]:
            found.append(f"the edit changes the section marker lines of '{path}'; leave them alone")
            continue
        for (name, was), (_, now) in zip(old, new):
            if was != now and allowed[path] and name not in allowed[path]:
                found.append(f"section '{name}' of '{path}' is not yours to edit")
    return found
