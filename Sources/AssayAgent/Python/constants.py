"""Rewrites of constants: numbers, switches and words."""

import ast
import json

from catalog import rule_for, spell_number
from source import factor_of, literals, number


class ConstantRewrites:
    """A part of the lister."""

    def constants(self):
        source = self.source
        choices = self.every["choices"]
        for key, name, node in literals(source):
            start, end = source.span(node)
            if self.section(start, end) is None:
                continue
            shown = name or key.split(":")[-1]
            value = number(node)
            if value is not None:
                self.places[key] = {
                    "path": source.path,
                    "start": start,
                    "end": end,
                    "integer": isinstance(value, int),
                }
            if value is None and isinstance(node.value, bool):
                new = str(not node.value)
                self.replace(
                    "flag",
                    key,
                    node,
                    new,
                    f"{shown} = {node.value} -> {new}",
                    "the switch may be worth more the other way",
                    0.12 if key.endswith("=)") else 1.0,
                    old=str(node.value),
                    new=new,
                    direction="up" if new == "True" else "down",
                )
            elif value is None:
                for other in sorted(choices.get(name, ())) if name else ():
                    if other != node.value:
                        self.replace(
                            "choice",
                            key,
                            node,
                            json.dumps(other),
                            f"{shown}: {node.value} -> {other}",
                            "the recipe already knows this other way",
                            1.2,
                            old=str(node.value),
                            new=other,
                        )
            else:
                self.number_moves(key, name, shown, node, value)

    def number_moves(self, key, name, shown, node, value):
        source = self.source
        parent = source.parents.get(node)
        # A factor of something with a name moves as that would: `0.9 * seconds`, `4 * width`.
        partner = None if name else factor_of(source, node)
        rule = rule_for(name or partner)
        if partner and rule is not None:
            # Whole factors are structure: three of something stay three.
            structural = isinstance(value, int) and rule["tag"] != "budget"
            if value == 0 or structural or not rule.get("moves"):
                rule = None
        if rule is not None and not rule.get("moves", True):
            return
        tag = rule["tag"] if rule else ""
        prior = rule["prior"] if rule else 0.35
        if partner and rule:
            prior = rule["prior"] * 0.6
            shown = f"factor of {partner}"
        elif not name:
            prior = 0.2
            where = source.qualified(node)
            shown = f"a number in {where}" if where else "a number"
            if (
                isinstance(parent, (ast.Slice, ast.Subscript, ast.keyword))
                or value in (0, 1, -1)
                and isinstance(value, int)
            ):
                return
            if isinstance(parent, ast.Call) and isinstance(value, int):
                prior = 0.12
            if isinstance(parent, ast.Tuple) and isinstance(value, int):
                prior = 0.08
            if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow):
                prior = 0.12
        elif name in ("axis", "dim", "ndim", "axes", "dtype", "level", "version", "compresslevel", "argnums"):
            return
        for new in self.neighbours(value, rule):
            text = spell_number(new, value)
            try:
                if float(text) == value:
                    continue
            except ValueError:
                continue
            up = float(text) > value
            effect = 1 if up else -1
            self.replace(
                "constant." + (tag or "number"),
                key,
                node,
                text,
                f"{shown} {source.slice(node)} -> {text}",
                "",
                prior * (1.0 if name or partner and rule else 0.6),
                direction="up" if up else "down",
                old=repr(value),
                new=text,
                tag=tag,
                artifact=effect * rule.get("artifact", 0) if rule else 0,
                work=effect * rule.get("work", 0) if rule else 0,
            )

    @staticmethod
    def neighbours(value, rule):
        integer = isinstance(value, int)
        shape = rule.get("shape") if rule else None
        if value == 0:
            if integer:
                return [1] if rule and shape != "memory" else [1]
            return [float(text) for text in (rule or {}).get("zero", ["0.1", "0.01"])]
        if shape == "memory" and 0 < value < 1:
            return [1 - (1 - value) * f for f in (0.5, 2, 4, 0.25) if 0 < 1 - (1 - value) * f < 1]
        if shape == "count" and integer:
            return sorted(
                {n for n in (value - 1, value + 1, value + 2, value * 2, value // 2) if n > 0 and n != value}
            )
        if shape == "bits" and integer:
            return sorted(
                {n for n in (value - 1, value - 2, value - 3, value // 2, value + 1) if 1 < n and n != value}
            )
        moves = rule["moves"] if rule and rule.get("moves") else [0.5, 2, 1.5, 0.7]
        if not integer:
            if 0 < value < 1 and not rule:
                return [value * f for f in moves if value * f < 1]
            return [value * f for f in moves]
        if abs(value) < 8:
            small = {value - 1, value + 1, value * 2, value // 2}
            return sorted(n for n in small if n != value and (n > 0) == (value > 0))
        found = []
        for factor in moves:
            new = int(round(value * factor))
            for multiple in (64, 32, 16, 8, 4, 2):
                if value % multiple == 0:
                    step = max(1, multiple // 4) if new % multiple else 1
                    new = max(step, round(new / step) * step)
                    break
            if new > 0 and new != value and new not in found:
                found.append(new)
        return found
