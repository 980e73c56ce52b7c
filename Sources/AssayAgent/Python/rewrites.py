"""Rewrites of code: functions that stand in for each other, wrappers, expressions, statements, grafts."""

import ast
import re

from catalog import CATALOG
from source import assigned, dump, number


class CodeRewrites:
    """A part of the lister."""

    def swaps(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, (ast.Attribute, ast.Name)) or isinstance(
                getattr(node, "ctx", None), (ast.Store, ast.Del)
            ):
                continue
            name = source.dotted(node)
            if name is None or isinstance(source.parents.get(node), ast.Attribute):
                continue
            for family in CATALOG["swaps"]:
                if name not in family["names"]:
                    continue
                for other in family["names"]:
                    if other == name:
                        continue
                    head, _, last = other.rpartition(".")
                    if isinstance(node, ast.Attribute) and name.rpartition(".")[0] == head:
                        text = source.slice(node.value) + "." + last
                    else:
                        text = source.spell(other)
                    if text is None:
                        continue
                    self.replace(
                        family["operator"],
                        self.key(node, name),
                        node,
                        text,
                        f"{name.split('.')[-1]} -> {last}",
                        family["why"],
                        family["prior"],
                        old=name,
                        new=other,
                    )

    def calls(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, ast.Call) or any(isinstance(a, ast.Starred) for a in node.args):
                continue
            name = source.dotted(node.func)
            last = name.split(".")[-1] if name else getattr(node.func, "attr", getattr(node.func, "id", ""))
            parent = source.parents.get(node)
            for rule in CATALOG["keywords"]:
                if name not in rule["match"]:
                    continue
                present = {word.arg for word in node.keywords}
                if None in present:
                    continue
                start, end = source.span(node)
                for word, value in rule["add"]:
                    if word in present:
                        continue
                    inner = source.slice(node)[:-1].rstrip()
                    comma = "" if inner.endswith(("(", ",")) else ", "
                    self.replace(
                        rule["operator"],
                        self.key(node, f"{last}.{word}"),
                        node,
                        f"{inner}{comma}{word}={value})",
                        f"{last} with {word}={value}",
                        rule["why"],
                        rule["prior"],
                        new=f"{word}={value}",
                    )
            for rule in CATALOG["wraps"]:
                if not (name in rule.get("match", ()) or last in rule.get("suffix", ())):
                    continue
                if (
                    rule.get("unless_power")
                    and isinstance(parent, ast.BinOp)
                    and isinstance(parent.op, ast.Pow)
                ):
                    continue
                if (
                    rule.get("unless_scaled")
                    and isinstance(parent, ast.BinOp)
                    and number(parent.right) is not None
                ):
                    continue
                if rule.get("second_is_zero") and not (len(node.args) == 2 and number(node.args[1]) == 0):
                    continue
                if rule.get("single_argument") and (len(node.args) != 1 or node.keywords):
                    continue
                if (
                    rule.get("unless_inside")
                    and isinstance(parent, ast.Call)
                    and source.dotted(parent.func) == rule["unless_inside"]
                ):
                    continue
                if isinstance(parent, ast.Expr):
                    continue
                template = self.spelled(rule["template"])
                if template is None:
                    continue
                texts = [source.slice(a) for a in node.args]
                if "{last}" in template and not texts:
                    continue
                wanted = [int(n) for n in re.findall(r"\{(\d)\}", template)]
                if any(n >= len(texts) for n in wanted):
                    continue
                text = template.replace("{call}", source.slice(node)).replace("{args}", ", ".join(texts))
                text = text.replace("{fn}", source.slice(node.func))
                if texts:
                    text = text.replace("{last}", texts[-1])
                for n in wanted:
                    text = text.replace("{%d}" % n, texts[n])
                self.replace(
                    rule["operator"],
                    self.key(node, last + ".wrap"),
                    node,
                    text,
                    f"{source.slice(node)[:60]} -> {text[:80]}".replace("\n", " "),
                    rule["why"],
                    rule["prior"],
                    new=text[:80],
                )
            if (
                len(node.args) == 2
                and not node.keywords
                and not isinstance(parent, ast.Expr)
                and last not in ("range", "isinstance", "getattr", "zip", "open", "min", "max")
            ):
                one, other = node.args
                first, second = source.span(one), source.span(other)
                self.add(
                    "arguments",
                    self.key(node, last + ".arguments"),
                    [(*first, source.slice(other)), (*second, source.slice(one))],
                    f"{last}: swap its two arguments",
                    "the roles may be the wrong way round",
                    0.03,
                    node=node,
                )

    def expressions(self):
        source = self.source
        for node in source.nodes:
            if (
                isinstance(node, ast.Assign)
                and len(node.targets) == 1
                and isinstance(node.targets[0], ast.Name)
            ):
                name = node.targets[0].id
                value = node.value
                if (
                    isinstance(value, ast.BinOp)
                    and isinstance(value.op, ast.Add)
                    and isinstance(value.left, ast.Name)
                    and value.left.id == name
                    and not isinstance(value.right, ast.Constant)
                ):
                    text = source.slice(value.right)
                    for scale in (0.5, 2):
                        self.replace(
                            "residual",
                            self.key(node, name + ".residual"),
                            value.right,
                            f"{scale:g} * ({text})",
                            f"{name}: branch times {scale:g}",
                            "the weight of a branch decides how deep the signal goes",
                            0.4,
                            new=f"x{scale:g}",
                        )
                elif (
                    isinstance(value, ast.Call)
                    and self.loop_of(node) is not None
                    and any(isinstance(a, ast.Name) and a.id == name for a in value.args)
                ):
                    self.replace(
                        "residual",
                        self.key(node, name + ".residual"),
                        value,
                        f"{name} + {source.slice(value)}",
                        f"{name}: a residual connection around {source.slice(value)[:40]}",
                        "a residual connection keeps gradients alive",
                        0.4,
                        new="residual",
                    )
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Pow)
                and number(node.right) == 2
                and isinstance(node.left, (ast.BinOp, ast.Name))
            ):
                function = source.function_of(node)
                label = (getattr(function, "name", "") + source.qualified(node)).lower()
                if "loss" in label or "error" in source.slice(node.left).lower() or "obj" in label:
                    self.replace(
                        "loss",
                        self.key(node, "square"),
                        node,
                        f"abs({source.slice(node.left)})",
                        "squared -> absolute error",
                        "an absolute error makes outliers matter less",
                        0.5,
                        new="abs",
                    )
            if (
                isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Mult)
                and number(node.left) == 2
                and "err" in source.slice(node.right).lower()
            ):
                text = source.slice(node.right)
                error = node.right
                if isinstance(error, ast.Name):
                    self.replace(
                        "loss",
                        self.key(node, "gradient"),
                        error,
                        f"max(-1.0, min(1.0, {text}))",
                        "gradient of a Huber loss",
                        "outliers get a bounded pull",
                        0.6,
                        new="huber",
                    )
            if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod):
                table = {ast.Add: ["-"], ast.Sub: ["+"], ast.Mult: ["/"], ast.Div: ["*"], ast.Pow: ["*"]}
                for sign in table.get(type(node.op), ()):
                    text = f"({source.slice(node.left)}) {sign} ({source.slice(node.right)})"
                    self.replace(
                        "operator",
                        self.key(node, "operator"),
                        node,
                        f"({text})",
                        f"{source.slice(node)[:60]} -> {text[:60]}".replace("\n", " "),
                        "another way to combine the two",
                        0.04,
                        new=sign,
                    )
            if (
                isinstance(node, ast.Compare)
                and len(node.ops) == 1
                and number(node.comparators[0]) is not None
            ):
                table = {
                    ast.Lt: "<=",
                    ast.LtE: "<",
                    ast.Gt: ">=",
                    ast.GtE: ">",
                    ast.Eq: "!=",
                    ast.NotEq: "==",
                }
                sign = table.get(type(node.ops[0]))
                if sign:
                    text = f"{source.slice(node.left)} {sign} {source.slice(node.comparators[0])}"
                    self.replace(
                        "comparison",
                        self.key(node, "comparison"),
                        node,
                        text,
                        f"{source.slice(node)[:60]} -> {text[:60]}",
                        "the boundary case may matter",
                        0.06,
                        new=sign,
                    )
            if isinstance(node, ast.For):
                text = source.slice(node.iter)
                call = node.iter
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "range":
                    if not any(t in self.names_in(node.target) for t in ("step", "epoch")):
                        self.replace(
                            "data_order",
                            self.key(node, "order"),
                            call,
                            f"reversed({text})",
                            f"iterate {text[:40]} backwards",
                            "the last seen counts most",
                            0.12,
                            new="reversed",
                        )
                elif isinstance(call, ast.Name) and re.search(
                    r"batch|data|example|sample|file|shard|text", call.id, re.I
                ):
                    self.replace(
                        "data_order",
                        self.key(node, "order"),
                        call,
                        f"list({text})[::-1]",
                        f"iterate {text[:40]} backwards",
                        "the last seen counts most",
                        0.3,
                        new="reversed",
                    )

    @staticmethod
    def names_in(node):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}

    def loop_of(self, node):
        while node in self.source.parents:
            node = self.source.parents[node]
            if isinstance(node, (ast.For, ast.While)):
                return node
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                return None
        return None

    def statements(self):
        source = self.source
        for node in source.nodes:
            if (
                isinstance(node, ast.Return)
                and node.value is not None
                and not isinstance(node.value, ast.Constant)
            ):
                text = source.slice(node.value)
                function = source.function_of(node)
                name = getattr(function, "name", "")
                if isinstance(node.value, ast.ListComp) and len(node.value.generators) == 1:
                    element = source.slice(node.value.elt)
                    for before, after in (("math.cos", "math.cos"), ("math.tanh", "math.tanh")):
                        spelled = source.spell(before)
                        if spelled:
                            self.replace(
                                "features",
                                self.key(node, "features"),
                                node.value.elt,
                                f"{spelled}({element})",
                                f"{name}: {after} of each element",
                                "another basis fits other shapes",
                                0.4,
                                new=after,
                            )
                    for factor in ("0.5", "2"):
                        self.replace(
                            "features",
                            self.key(node, "features"),
                            node.value.elt,
                            f"{factor} * ({element})",
                            f"{name}: each element times {factor}",
                            "the scale of the features decides how fast each is learned",
                            0.3,
                            new="x" + factor,
                        )
                elif isinstance(node.value, (ast.BinOp, ast.Call)) and number(node.value) is None:
                    for factor in ("0.5", "2"):
                        self.replace(
                            "scale",
                            self.key(node, "return"),
                            node.value,
                            f"{factor} * ({text})",
                            f"{name}: its result times {factor}",
                            "the scale of a result decides what follows",
                            0.12,
                            new="x" + factor,
                        )
        blocks = []
        for node in source.nodes:
            for field in ("body", "orelse"):
                block = getattr(node, field, None)
                if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                    blocks.append((node, block))
        for owner, block in blocks:
            if isinstance(owner, (ast.Module, ast.ClassDef)):
                continue
            for index, statement in enumerate(block):
                if (
                    not isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.If))
                    or source.is_docstring(getattr(statement, "value", statement))
                    and isinstance(getattr(statement, "value", None), ast.Constant)
                ):
                    continue
                if isinstance(getattr(statement, "value", None), (ast.Yield, ast.YieldFrom, ast.Await)):
                    continue
                shown = " ".join(source.slice(statement).split())[:60]
                start, end = source.span(statement)
                looped = isinstance(owner, (ast.For, ast.While))
                rebinding = (
                    isinstance(statement, ast.AugAssign)
                    or isinstance(statement, ast.Assign)
                    and any(name in self.names_in(value) for name, value in assigned(statement))
                    or isinstance(statement, (ast.Expr, ast.If))
                )
                if rebinding:
                    self.replace(
                        "delete",
                        self.key(statement, "delete"),
                        statement,
                        "pass",
                        f"leave out `{shown}`",
                        "what is not needed only costs time",
                        0.12,
                        new="pass",
                    )
                if rebinding and not isinstance(statement, ast.If):
                    indent = " " * statement.col_offset
                    self.add(
                        "duplicate",
                        self.key(statement, "duplicate"),
                        [(end, end, "\n" + indent + source.slice(statement))],
                        f"do `{shown}` twice",
                        "once more may go further",
                        0.07 if not looped else 0.1,
                        node=statement,
                        new="twice",
                    )
                if index + 1 < len(block) and isinstance(
                    block[index + 1], (ast.Assign, ast.AugAssign, ast.Expr)
                ):
                    other = block[index + 1]
                    first, second = source.span(statement), source.span(other)
                    if isinstance(statement, (ast.Assign, ast.AugAssign)):
                        self.add(
                            "swap",
                            self.key(statement, "swap"),
                            [(*first, source.slice(other)), (*second, source.slice(statement))],
                            f"swap `{shown}` with the statement after it",
                            "the order of updates may matter",
                            0.05,
                            node=statement,
                            new="swapped",
                        )

    def functions(self):
        """Copies functions from other recipes of the same run."""
        source = self.source
        own = {}
        for node in source.tree.body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                own[node.name] = node
        for donor in self.every["donors"]:
            other = donor["sources"].get(source.path)
            if other is None:
                continue
            for node in other.tree.body:
                mine = (
                    own.get(getattr(node, "name", None))
                    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
                    else None
                )
                if mine is None or dump(mine) == dump(node):
                    continue
                self.replace(
                    "graft",
                    self.key(mine, mine.name),
                    mine,
                    other.slice(node),
                    f"{mine.name} as in trial {donor['trial']}",
                    "it was part of a recipe that scored well",
                    1.0,
                    new=f"trial {donor['trial']}",
                )
