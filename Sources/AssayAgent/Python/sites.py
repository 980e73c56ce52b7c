"""Lists candidate rewrites of the parts of a recipe that may be edited."""

import ast
import re

from constants import ConstantRewrites
from rewrites import CodeRewrites
from source import Source, Unreadable, inspect_tree, is_python, parse
from training import TrainingRewrites

MAX_CANDIDATES = 2000
# Bounds the work by what is parsed and not by a clock, so that the same recipe gives the same list anywhere.
MAX_PARSED = 12 << 20


class Lister(TrainingRewrites, ConstantRewrites, CodeRewrites):
    def __init__(self, source, ranges, every):
        self.source = source
        self.ranges = ranges
        self.every = every
        self.found = []
        self.seen = set()
        self.parsed = 0
        self.allowed = MAX_PARSED
        self.tops = self.top_spans()
        self.places = {}

    def section(self, start, end):
        for name, first, last in self.ranges:
            if first <= start and end <= last:
                return name
        return None

    def add(
        self,
        operator,
        key,
        edits,
        title,
        why,
        prior,
        *,
        node=None,
        direction="",
        old="",
        new="",
        tag="",
        artifact=0,
        work=0,
    ):
        if len(self.found) >= MAX_CANDIDATES or self.parsed > self.allowed:
            return
        edits = sorted(edits)
        sections = {self.section(start, end) for start, end, _ in edits}
        if None in sections or not edits:
            return
        for one, other in zip(edits, edits[1:]):
            if one[1] > other[0]:
                return
        if all(self.source.bytes[start:end].decode("utf-8", "replace") == text for start, end, text in edits):
            return
        mark = tuple(edits)
        if mark in self.seen:
            return
        self.seen.add(mark)
        begin, finish = self.enclosing(edits[0][0], edits[-1][1])
        data = self.source.bytes[begin:finish]
        for start, end, text in reversed(edits):
            data = data[: start - begin] + text.encode("utf-8", "surrogatepass") + data[end - begin :]
        self.parsed += len(data)
        try:
            parse(data.decode("utf-8", "surrogatepass"))
        except Unreadable:
            return
        self.found.append(
            {
                "operator": operator,
                "path": self.source.path,
                "section": sorted(sections)[0],
                "key": key,
                "line": getattr(node, "lineno", 0),
                "title": title[:300],
                "why": why,
                "prior": prior,
                "direction": direction,
                "old": old[:80],
                "new": new[:80],
                "tag": tag,
                "artifact": artifact,
                "work": work,
                "edits": [{"start": start, "end": end, "text": text} for start, end, text in edits],
            }
        )

    def top_spans(self):
        """Where the statements at the top of the file stand, whole lines with their decorators."""
        source = self.source
        spans = []
        for node in source.tree.body:
            first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
            spans.append((source.starts[first - 1], source.span(node)[1]))
        return spans

    def enclosing(self, start, end):
        """The bytes of the top statements around a place: what has to parse after an edit there."""
        begin = max((a for a, _ in self.tops if a <= start), default=0)
        finish = min((b for _, b in self.tops if b >= end), default=len(self.source.bytes))
        return begin, max(finish, end)

    def replace(self, operator, key, node, text, title, why, prior, **more):
        start, end = self.source.span(node)
        self.add(operator, key, [(start, end, text)], title, why, prior, node=node, **more)

    def key(self, node, what):
        where = self.source.qualified(node)
        return f"{self.source.path}:{where + '.' if where else ''}{what}"

    def spelled(self, template):
        """A template with its <<full names>> written as this file can; None if it cannot."""
        missing = False

        def one(match):
            nonlocal missing
            text = self.source.spell(match.group(1))
            missing = missing or text is None
            return text or ""

        text = re.sub(r"<<([\w.]+)>>", one, template)
        return None if missing else text

    def run(self):
        passes = (
            self.optimizers,
            self.schedules,
            self.schedule_functions,
            self.calls,
            self.swaps,
            self.updates,
            self.averaging,
            self.functions,
            self.constants,
            self.expressions,
            self.statements,
        )
        for index, work in enumerate(passes):
            # A pass leaves something for the ones after it, however large the file is.
            self.allowed = MAX_PARSED * (index + 1) // len(passes)
            try:
                work()
            except RecursionError:
                continue
        return self.found


def choices_in(sources):
    """Strings that a name is compared with, or looked up by, anywhere in the recipe."""
    found = {}

    def note(node, value):
        name = (
            node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        )
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            name = node.slice.value
        if (
            name
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
            and len(value.value) < 60
        ):
            found.setdefault(name, set()).add(value.value)

    for source in sources:
        for node in source.nodes:
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                left, right = node.left, node.comparators[0]
                if isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                    note(left, right)
                    note(right, left)
                elif isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(
                    right, (ast.Tuple, ast.List, ast.Set)
                ):
                    for element in right.elts:
                        note(left, element)
            elif isinstance(node, ast.Match):
                for case in node.cases:
                    if isinstance(case.pattern, ast.MatchValue):
                        note(node.subject, case.pattern.value)
            elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Dict):
                for word in node.value.keys:
                    if word is not None:
                        note(node.slice, word)
            elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
                table = source.globals.get(node.value.id)
                if isinstance(table, ast.Dict):
                    for word in table.keys:
                        if word is not None:
                            note(node.slice, word)
    return found


def list_candidates(request):
    sources = {}
    errors = []
    for path, text in sorted(request["files"].items()):
        if not is_python(path):
            continue
        try:
            sources[path] = Source(path, text)
        except Unreadable as problem:
            errors.append({"path": path, "message": str(problem)})
        except (RecursionError, MemoryError):
            errors.append({"path": path, "message": "the code is nested too deeply"})
    donors = []
    for donor in request.get("donors", []):
        parsed = {}
        for path, text in donor["files"].items():
            try:
                if is_python(path):
                    parsed[path] = Source(path, text)
            except (Unreadable, RecursionError, MemoryError):
                continue
        donors.append({"trial": donor["trial"], "sources": parsed})
    every = {"choices": choices_in(sources.values()), "donors": donors}
    candidates = []
    places = {}
    for path, source in sources.items():
        ranges = request["ranges"].get(path)
        if ranges:
            lister = Lister(source, ranges, every)
            candidates += lister.run()
            places.update(lister.places)
    whole = inspect_tree(request["files"])
    return {
        "digest": whole["digest"],
        "ok": whole["ok"],
        "values": whole["values"],
        "units": whole["units"],
        "errors": errors,
        "places": places,
        "candidates": candidates,
    }
