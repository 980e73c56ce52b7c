"""Rewrites of how a recipe trains: optimizers, schedules, update rules, averaging."""

import ast
import re

from catalog import CATALOG, FRACTION, FUNCTION, SCHEDULES, STEP, TOTAL, spell_number
from source import assigned, number


class TrainingRewrites:
    """A part of the lister."""

    def is_schedule(self, node, depth=0):
        """Whether an expression looks like a function of the step and not a number."""
        source = self.source
        if isinstance(node, ast.Lambda):
            return True
        if isinstance(node, ast.Call):
            name = source.dotted(node.func) or getattr(node.func, "id", getattr(node.func, "attr", ""))
            last = name.split(".")[-1].lower()
            return "schedule" in last or "anneal" in last
        if isinstance(node, ast.Name) and depth < 3:
            for scope in (source.function_of(node), source.tree):
                if scope is None or isinstance(scope, ast.Lambda):
                    continue
                for part in ast.walk(scope):
                    if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == node.id:
                        return True
                    if isinstance(part, (ast.Assign, ast.AnnAssign)):
                        for name, value in assigned(part):
                            if name == node.id:
                                return self.is_schedule(value, depth + 1)
            return "schedule" in node.id.lower()
        return False

    def scaled(self, node, ratio):
        text = self.source.slice(node)
        if abs(ratio - 1) < 1e-9:
            return text
        ratio = float(f"{ratio:.2g}")
        value = number(node)
        if value is not None:
            return spell_number(value * ratio, 0.1)
        if self.is_schedule(node):
            return f"lambda count, scale={ratio:g}, base={text}: scale * base(count)"
        wrapped = text if isinstance(node, (ast.Name, ast.Attribute, ast.Call)) else f"({text})"
        return f"{ratio:g} * {wrapped}"

    @staticmethod
    def rate_of(call, spec):
        for word in call.keywords:
            if word.arg in spec["keywords"]:
                return word.value
        if len(call.args) > spec["position"] and not isinstance(call.args[spec["position"]], ast.Starred):
            return call.args[spec["position"]]
        return None

    def optimizers(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, ast.Call):
                continue
            name = source.dotted(node.func)
            for family in CATALOG["optimizers"]:
                if name not in family["natural"]:
                    continue
                rate = self.rate_of(node, family["rate"])
                params = source.slice(node.args[0]) if node.args and family.get("first") else ""
                key = self.key(node, "optimizer")
                if rate is None or family.get("first") and not params:
                    continue
                for variant in family["variants"]:
                    if variant["name"] == name:
                        continue
                    ratio = family["natural"][variant["name"]] / family["natural"][name]
                    for extra in (1.0, 2.0, 0.5):
                        text = self.spelled(variant["template"])
                        if text is None:
                            continue
                        text = text.replace("{rate}", self.scaled(rate, ratio * extra)).replace(
                            "{params}", params
                        )
                        how = "" if extra == 1 else f" at {extra:g} times its usual rate"
                        self.replace(
                            "optimizer",
                            key,
                            node,
                            text,
                            f"{name.split('.')[-1]} -> {variant['name'].split('.')[-1]}{how}",
                            variant["why"],
                            variant["prior"] * (1.0 if extra == 1 else 0.55),
                            old=name,
                            new=variant["name"],
                        )
                for factor in (2, 0.5, 3, 0.33, 5):
                    if number(rate) is None:
                        self.replace(
                            "constant.rate",
                            key + ".rate",
                            rate,
                            self.scaled(rate, factor),
                            f"{name.split('.')[-1]}'s learning rate times {factor:g}",
                            "",
                            1.0,
                            tag="rate",
                            direction="up" if factor > 1 else "down",
                            new=f"x{factor:g}",
                        )

    def horizon(self, node):
        """Names visible at a node that say how many steps there will be."""
        source = self.source
        found = []
        function = source.function_of(node)
        while function is not None:
            for argument in function.args.posonlyargs + function.args.args + function.args.kwonlyargs:
                if TOTAL.match(argument.arg):
                    found.append(argument.arg)
            if not isinstance(function, ast.Lambda):
                for statement in function.body:
                    if statement.lineno < node.lineno:
                        found += [name for name, _ in assigned(statement) if TOTAL.match(name)]
            function = source.function_of(function)
        found += [
            name
            for name, value in source.globals.items()
            if TOTAL.match(name) and isinstance(value, ast.expr)
        ]
        return sorted(dict.fromkeys(found), key=lambda n: ("step" not in n.lower(), found.index(n)))

    def schedules(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, ast.Call):
                continue
            name = source.dotted(node.func)
            if name in SCHEDULES["optimizers"]:
                rate = self.rate_of(node, {"position": 0, "keywords": ["learning_rate"]})
                if rate is None or self.is_schedule(rate):
                    continue
                for steps in self.horizon(node)[:2]:
                    for boost in (1, 2, 3):
                        for variant in SCHEDULES["variants"]:
                            text = self.spelled(variant["template"])
                            if text is None:
                                continue
                            peak = self.scaled(rate, boost)
                            text = text.replace("{rate}", peak).replace("{steps}", steps)
                            more = "" if boost == 1 else f" from {boost} times the rate"
                            self.replace(
                                "schedule",
                                self.key(node, "schedule"),
                                rate,
                                text,
                                f"constant rate -> {variant['name']}{more}",
                                variant["why"],
                                variant["prior"] * (1 if boost < 3 else 0.7),
                                new=variant["name"],
                            )
            elif name in SCHEDULES["existing"]:
                rate = self.rate_of(node, {"position": 0, "keywords": ["value", "init_value"]})
                if rate is None:
                    continue
                for steps in self.horizon(node)[:1]:
                    for variant in SCHEDULES["variants"]:
                        text = self.spelled(variant["template"])
                        if text is None:
                            continue
                        text = text.replace("{rate}", source.slice(rate)).replace("{steps}", steps)
                        self.replace(
                            "schedule",
                            self.key(node, "schedule"),
                            node,
                            text,
                            f"{name.split('.')[-1]} -> {variant['name']}",
                            variant["why"],
                            variant["prior"],
                            old=name,
                            new=variant["name"],
                        )

    def clock(self, function):
        """How a schedule function tells the time: an expression for the share done, or for the step."""
        arguments = [
            a.arg for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")
        ]
        totals = [a for a in arguments if TOTAL.match(a)]
        if not totals:
            totals = [n for n, v in self.source.globals.items() if TOTAL.match(n) and isinstance(v, ast.expr)]
        steps = [a for a in arguments if STEP.match(a) and a not in totals]
        for argument in arguments:
            if FRACTION.match(argument) and argument not in totals:
                return argument, None
        for step in steps:
            for total in totals:
                if total in arguments or ("epoch" in step) == ("epoch" in total.lower()):
                    return f"({step} / {total})", step
        return None, steps[0] if steps else None

    def schedule_functions(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not FUNCTION.search(
                node.name
            ):
                continue
            share, step = self.clock(node)
            returns = [
                n
                for n in ast.walk(node)
                if isinstance(n, ast.Return) and n.value is not None and source.function_of(n) is node
            ]
            if not returns:
                continue
            key = self.key(node, node.name)
            value = returns[-1].value
            text = source.slice(value)
            base = (
                text if isinstance(value, (ast.Name, ast.Attribute, ast.Call, ast.Constant)) else f"({text})"
            )
            flat = not any(
                isinstance(n, ast.Name) and n.id in {a.arg for a in node.args.args} for n in ast.walk(value)
            )
            if share:
                root = self.leading_factor(value)
                for body in SCHEDULES["bodies"]:
                    factor = body["factor"].replace("{f}", share)
                    self.replace(
                        "schedule",
                        key,
                        value,
                        f"{base} * {factor}",
                        (
                            f"{node.name}: {body['name']}"
                            if flat
                            else f"{node.name}: additionally {body['name']}"
                        ),
                        body["why"],
                        body["prior"] * (1.0 if flat else 0.5),
                        new=body["name"],
                    )
                    if root and not flat:
                        self.replace(
                            "schedule",
                            key,
                            value,
                            f"{root} * {factor}",
                            f"{node.name}: now {body['name']}",
                            body["why"],
                            body["prior"] * 0.8,
                            new=body["name"],
                        )
            if step:
                for body in SCHEDULES["step_bodies"]:
                    factor = body["factor"].replace("{s}", step)
                    self.replace(
                        "schedule",
                        key,
                        value,
                        f"{base} * {factor}",
                        f"{node.name}: {body['name']}",
                        body["why"],
                        body["prior"],
                        new=body["name"],
                    )
            for factor in (2, 0.5, 3):
                self.replace(
                    "constant.rate",
                    key,
                    value,
                    f"{factor} * {base}",
                    f"{node.name} times {factor:g}",
                    "",
                    0.8,
                    tag="rate",
                    direction="up" if factor > 1 else "down",
                    new=f"x{factor}",
                )

    def leading_factor(self, value):
        """The name or number that a product begins with."""
        while isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div)):
            value = value.left
        return self.source.slice(value) if isinstance(value, (ast.Name, ast.Constant)) else None

    def updates(self):
        """Hand-written update rules: `v = m * v + g` then `w -= rate * v`."""
        source = self.source
        for node in source.nodes:
            if not (isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Sub)):
                continue
            value = node.value
            if not (isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div))):
                continue
            key = self.key(node, "update")
            rate, step = value.left, value.right
            if isinstance(value.op, ast.Div):
                rate, step = value, None
            target = source.slice(node.target)
            if step is not None:
                parent = source.parents.get(node)
                block = next(
                    (b for b in (getattr(parent, f, None) for f in ("body", "orelse")) if b and node in b), []
                )
                for earlier in block[: block.index(node)] if node in block else []:
                    if not isinstance(earlier, ast.Assign) or len(earlier.targets) != 1:
                        continue
                    if source.slice(earlier.targets[0]) != source.slice(step):
                        continue
                    parts = []
                    rest = earlier.value
                    while isinstance(rest, ast.BinOp) and isinstance(rest.op, ast.Add):
                        parts.append(rest.right)
                        rest = rest.left
                    parts.append(rest)
                    velocity = source.slice(step)
                    memory = [
                        p
                        for p in parts
                        if isinstance(p, ast.BinOp)
                        and isinstance(p.op, ast.Mult)
                        and velocity in (source.slice(p.left), source.slice(p.right))
                    ]
                    fresh = [p for p in parts if p not in memory]
                    if memory and fresh:
                        gradient = " + ".join(source.slice(p) for p in fresh[::-1])
                        m = memory[0]
                        factor = source.slice(m.left if source.slice(m.right) == velocity else m.right)
                        self.replace(
                            "optimizer",
                            key,
                            step,
                            f"({gradient} + {factor} * {velocity})",
                            "momentum -> Nesterov momentum",
                            "looking ahead along the momentum speeds up the first steps",
                            1.3,
                            new="nesterov",
                        )
                        self.replace(
                            "optimizer",
                            key,
                            m,
                            f"max(0.9, {factor}) * {velocity}",
                            "momentum of at least 0.9",
                            "momentum averages the noise of small batches",
                            1.2,
                            new="momentum",
                        )
                text = source.slice(step)
                self.replace(
                    "optimizer",
                    key,
                    step,
                    f"({text} / (1e-8 + abs({text})))",
                    "update by sign",
                    "sign updates need less tuning of scale",
                    0.5,
                    new="sign",
                )
                self.replace(
                    "optimizer",
                    key,
                    step,
                    f"({text} / (1.0 + abs({text})))",
                    "bounded update",
                    "a soft bound on each step allows a higher rate",
                    0.6,
                    new="bounded",
                )
            for decay in ("0.001", "0.0001"):
                self.replace(
                    "regularisation",
                    key,
                    value,
                    (
                        f"{source.slice(value)} + {decay} * {source.slice(rate)} * {target}"
                        if step is not None
                        else f"{source.slice(value)} + {decay} * {target}"
                    ),
                    f"decoupled weight decay {decay}",
                    "decay keeps weights small",
                    0.5,
                    new="decay " + decay,
                )
            if step is not None:
                for factor in (2, 0.5, 3):
                    self.replace(
                        "constant.rate",
                        key,
                        rate,
                        (
                            f"{factor} * {source.slice(rate)}"
                            if isinstance(rate, (ast.Name, ast.Attribute, ast.Call, ast.Constant))
                            else f"{factor} * ({source.slice(rate)})"
                        ),
                        f"update step times {factor:g}",
                        "",
                        0.6,
                        tag="rate",
                        direction="up" if factor > 1 else "down",
                        new=f"x{factor}",
                    )

    def averaging(self):
        """Averages the weights over the last steps: before, in and after a training loop."""
        source = self.source
        for function in source.nodes:
            if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            body = function.body
            loops = [s for s in body if isinstance(s, (ast.For, ast.While))]
            if not loops:
                continue
            loop = loops[-1]
            index = body.index(loop)
            before = {}
            for statement in body[:index]:
                for name, value in assigned(statement):
                    before[name] = value
                if isinstance(statement, ast.Assign):
                    for target in statement.targets:
                        if isinstance(target, ast.Tuple):
                            for element in target.elts:
                                if isinstance(element, ast.Name):
                                    before.setdefault(element.id, None)
            used = []
            for statement in body[index + 1 :]:
                for part in ast.walk(statement):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in before:
                        used.append(part)
            changed = set()
            for part in ast.walk(loop):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    changed.add(part.id)
                if isinstance(part, ast.Call):
                    changed.update(a.id for a in part.args if isinstance(a, ast.Name))
            likely = re.compile(
                r"^(p|w|params?|weights?|theta|variables|model|state|net|coef.*|ws?)$", re.IGNORECASE
            )
            for name in sorted({p.id for p in used if p.id in changed and likely.match(p.id)}):
                value = before[name]
                tree_map = self.source.spell("jax.tree.map") or self.source.spell("jax.tree_util.tree_map")
                if isinstance(value, ast.List) or isinstance(value, ast.ListComp):
                    start, update = f"list({name})", "[{k} * a + {r} * b for a, b in zip(averaged, {n})]"
                elif isinstance(value, (ast.Dict, ast.DictComp)):
                    start, update = (
                        f"dict({name})",
                        "{{key: {k} * averaged[key] + {r} * {n}[key] for key in {n}}}",
                    )
                elif tree_map:
                    start, update = name, tree_map + "(lambda a, b: {k} * a + {r} * b, averaged, {n})"
                else:
                    start, update = f"{name} * 1.0", "{k} * averaged + {r} * {n}"
                indent = " " * loop.col_offset
                inner = " " * loop.body[-1].col_offset
                for keep in (0.9, 0.98, 0.995):
                    text = update.format(k=f"{keep:g}", r=f"{1 - keep:.3g}", n=name)
                    begin = source.span(loop)[0]
                    finish = source.span(loop.body[-1])[1]
                    edits = [
                        (begin, begin, f"averaged = {start}\n{indent}"),
                        (finish, finish, f"\n{inner}averaged = {text}"),
                    ]
                    edits += [(*source.span(p), "averaged") for p in used if p.id == name]
                    self.add(
                        "averaging",
                        self.key(loop, "averaging"),
                        edits,
                        f"{function.name}: return an average of {name} over {round(1 / (1 - keep))} steps",
                        "averaged weights have less of the last steps' noise",
                        0.9,
                        node=loop,
                        new=f"ema {keep:g}",
                    )
