"""Lists candidate rewrites of the parts of a recipe that may be edited."""
import ast
import json
import os
import re

from source import Source, Unreadable, assigned, dump, inspect_tree, is_python, literals, number, parse, sha

MAX_CANDIDATES = 2000
# Bounds the work by what is parsed and not by a clock, so that the same recipe gives the same list anywhere.
MAX_PARSED = 12 << 20

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalog.json"), encoding="utf-8") as file:
    CATALOG = json.load(file)
NAMES = [dict(rule, regex=re.compile(rule["pattern"], re.IGNORECASE)) for rule in CATALOG["names"]]
SCHEDULES = CATALOG["schedules"]
FUNCTION = re.compile(SCHEDULES["function_names"], re.IGNORECASE)
FRACTION = re.compile(SCHEDULES["fraction_names"], re.IGNORECASE)
STEP = re.compile(SCHEDULES["step_names"], re.IGNORECASE)
TOTAL = re.compile(SCHEDULES["total_names"], re.IGNORECASE)


def rule_for(name):
    """What a name says about the number behind it."""
    if not name:
        return None
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    for rule in NAMES:
        if rule["regex"].search(snake):
            return rule
    return None


def spell_number(value, like):
    """A number as a person would write it; an integer stays one."""
    if isinstance(like, int):
        return str(int(value))
    text = f"{value:.3g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    return text if "." in text else text + ".0"


class Lister:
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

    # What can be edited

    def section(self, start, end):
        for name, first, last in self.ranges:
            if first <= start and end <= last:
                return name
        return None

    def add(self, operator, key, edits, title, why, prior, *, node=None, direction="", old="", new="", tag="",
            artifact=0, work=0):
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
            data = data[:start - begin] + text.encode("utf-8", "surrogatepass") + data[end - begin:]
        self.parsed += len(data)
        try:
            parse(data.decode("utf-8", "surrogatepass"))
        except Unreadable:
            return
        self.found.append({
            "operator": operator, "path": self.source.path, "section": sorted(sections)[0],
            "key": key, "line": getattr(node, "lineno", 0), "title": title[:300], "why": why, "prior": prior,
            "direction": direction, "old": old[:80], "new": new[:80], "tag": tag, "artifact": artifact, "work": work,
            "edits": [{"start": start, "end": end, "text": text} for start, end, text in edits],
        })

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

    # The passes

    def run(self):
        passes = (self.optimizers, self.schedules, self.schedule_functions, self.calls, self.swaps, self.updates,
                  self.averaging, self.functions, self.constants, self.expressions, self.statements)
        for index, work in enumerate(passes):
            # A pass leaves something for the ones after it, however large the file is.
            self.allowed = MAX_PARSED * (index + 1) // len(passes)
            try:
                work()
            except RecursionError:
                continue
        return self.found

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
                self.places[key] = {"path": source.path, "start": start, "end": end, "integer": isinstance(value, int)}
            if value is None and isinstance(node.value, bool):
                new = str(not node.value)
                self.replace("flag", key, node, new, f"{shown} = {node.value} -> {new}",
                             "the switch may be worth more the other way", 0.12 if key.endswith("=)") else 1.0, old=str(node.value), new=new,
                             direction="up" if new == "True" else "down")
            elif value is None:
                for other in sorted(choices.get(name, ())) if name else ():
                    if other != node.value:
                        self.replace("choice", key, node, json.dumps(other), f"{shown}: {node.value} -> {other}",
                                     "the recipe already knows this other way", 1.2, old=str(node.value), new=other)
            else:
                self.number_moves(key, name, shown, node, value)

    def number_moves(self, key, name, shown, node, value):
        source = self.source
        parent = source.parents.get(node)
        rule = rule_for(name)
        if rule is not None and not rule.get("moves", True):
            return
        tag = rule["tag"] if rule else ""
        prior = rule["prior"] if rule else 0.35
        if not name:
            prior = 0.2
            if isinstance(parent, (ast.Slice, ast.Subscript, ast.keyword)) or value in (0, 1, -1) and isinstance(value, int):
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
            self.replace("constant." + (tag or "number"), key, node, text,
                         f"{shown} {source.slice(node)} -> {text}", "", prior * (1.0 if name else 0.6),
                         direction="up" if up else "down", old=repr(value), new=text, tag=tag,
                         artifact=effect * rule.get("artifact", 0) if rule else 0,
                         work=effect * rule.get("work", 0) if rule else 0)

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
            return sorted({n for n in (value - 1, value + 1, value + 2, value * 2, value // 2) if n > 0 and n != value})
        if shape == "bits" and integer:
            return sorted({n for n in (value - 1, value - 2, value - 3, value // 2, value + 1) if 1 < n and n != value})
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
                        text = text.replace("{rate}", self.scaled(rate, ratio * extra)).replace("{params}", params)
                        how = "" if extra == 1 else f" at {extra:g} times its usual rate"
                        self.replace("optimizer", key, node, text,
                                     f"{name.split('.')[-1]} -> {variant['name'].split('.')[-1]}{how}", variant["why"],
                                     variant["prior"] * (1.0 if extra == 1 else 0.55), old=name, new=variant["name"])
                for factor in (2, 0.5, 3, 0.33, 5):
                    if number(rate) is None:
                        self.replace("constant.rate", key + ".rate", rate, self.scaled(rate, factor),
                                     f"{name.split('.')[-1]}'s learning rate times {factor:g}", "", 1.0, tag="rate",
                                     direction="up" if factor > 1 else "down", new=f"x{factor:g}")

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
        found += [name for name, value in source.globals.items()
                  if TOTAL.match(name) and isinstance(value, ast.expr)]
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
                            self.replace("schedule", self.key(node, "schedule"), rate, text,
                                         f"constant rate -> {variant['name']}{more}", variant["why"],
                                         variant["prior"] * (1 if boost < 3 else 0.7), new=variant["name"])
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
                        self.replace("schedule", self.key(node, "schedule"), node, text,
                                     f"{name.split('.')[-1]} -> {variant['name']}", variant["why"], variant["prior"],
                                     old=name, new=variant["name"])

    def clock(self, function):
        """How a schedule function tells the time: an expression for the share done, or for the step."""
        arguments = [a.arg for a in function.args.posonlyargs + function.args.args if a.arg not in ("self", "cls")]
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
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) or not FUNCTION.search(node.name):
                continue
            share, step = self.clock(node)
            returns = [n for n in ast.walk(node) if isinstance(n, ast.Return) and n.value is not None
                       and source.function_of(n) is node]
            if not returns:
                continue
            key = self.key(node, node.name)
            value = returns[-1].value
            text = source.slice(value)
            base = text if isinstance(value, (ast.Name, ast.Attribute, ast.Call, ast.Constant)) else f"({text})"
            flat = not any(isinstance(n, ast.Name) and n.id in {a.arg for a in node.args.args} for n in ast.walk(value))
            if share:
                root = self.leading_factor(value)
                for body in SCHEDULES["bodies"]:
                    factor = body["factor"].replace("{f}", share)
                    self.replace("schedule", key, value, f"{base} * {factor}",
                                 f"{node.name}: {body['name']}" if flat else f"{node.name}: additionally {body['name']}",
                                 body["why"], body["prior"] * (1.0 if flat else 0.5), new=body["name"])
                    if root and not flat:
                        self.replace("schedule", key, value, f"{root} * {factor}", f"{node.name}: now {body['name']}",
                                     body["why"], body["prior"] * 0.8, new=body["name"])
            if step:
                for body in SCHEDULES["step_bodies"]:
                    factor = body["factor"].replace("{s}", step)
                    self.replace("schedule", key, value, f"{base} * {factor}", f"{node.name}: {body['name']}",
                                 body["why"], body["prior"], new=body["name"])
            for factor in (2, 0.5, 3):
                self.replace("constant.rate", key, value, f"{factor} * {base}", f"{node.name} times {factor:g}", "", 0.8,
                             tag="rate", direction="up" if factor > 1 else "down", new=f"x{factor}")

    def leading_factor(self, value):
        """The name or number that a product begins with."""
        while isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Mult, ast.Div)):
            value = value.left
        return self.source.slice(value) if isinstance(value, (ast.Name, ast.Constant)) else None

    def swaps(self):
        source = self.source
        for node in source.nodes:
            if not isinstance(node, (ast.Attribute, ast.Name)) or isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
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
                    self.replace(family["operator"], self.key(node, name), node, text,
                                 f"{name.split('.')[-1]} -> {last}", family["why"], family["prior"], old=name, new=other)

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
                    self.replace(rule["operator"], self.key(node, f"{last}.{word}"), node,
                                 f"{inner}{comma}{word}={value})", f"{last} with {word}={value}", rule["why"], rule["prior"],
                                 new=f"{word}={value}")
            for rule in CATALOG["wraps"]:
                if not (name in rule.get("match", ()) or last in rule.get("suffix", ())):
                    continue
                if rule.get("unless_power") and isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Pow):
                    continue
                if rule.get("unless_scaled") and isinstance(parent, ast.BinOp) and number(parent.right) is not None:
                    continue
                if rule.get("second_is_zero") and not (len(node.args) == 2 and number(node.args[1]) == 0):
                    continue
                if rule.get("single_argument") and (len(node.args) != 1 or node.keywords):
                    continue
                if rule.get("unless_inside") and isinstance(parent, ast.Call) \
                        and source.dotted(parent.func) == rule["unless_inside"]:
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
                self.replace(rule["operator"], self.key(node, last + ".wrap"), node, text,
                             f"{source.slice(node)[:60]} -> {text[:80]}".replace("\n", " "), rule["why"], rule["prior"],
                             new=text[:80])
            if len(node.args) == 2 and not node.keywords and not isinstance(parent, ast.Expr) and last not in (
                    "range", "isinstance", "getattr", "zip", "open", "min", "max"):
                one, other = node.args
                first, second = source.span(one), source.span(other)
                self.add("arguments", self.key(node, last + ".arguments"),
                         [(*first, source.slice(other)), (*second, source.slice(one))],
                         f"{last}: swap its two arguments", "the roles may be the wrong way round", 0.03, node=node)

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
                block = next((b for b in (getattr(parent, f, None) for f in ("body", "orelse")) if b and node in b), [])
                for earlier in block[:block.index(node)] if node in block else []:
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
                    memory = [p for p in parts if isinstance(p, ast.BinOp) and isinstance(p.op, ast.Mult)
                              and velocity in (source.slice(p.left), source.slice(p.right))]
                    fresh = [p for p in parts if p not in memory]
                    if memory and fresh:
                        gradient = " + ".join(source.slice(p) for p in fresh[::-1])
                        m = memory[0]
                        factor = source.slice(m.left if source.slice(m.right) == velocity else m.right)
                        self.replace("optimizer", key, step, f"({gradient} + {factor} * {velocity})",
                                     "momentum -> Nesterov momentum",
                                     "looking ahead along the momentum speeds up the first steps", 1.3, new="nesterov")
                        self.replace("optimizer", key, m, f"max(0.9, {factor}) * {velocity}",
                                     "momentum of at least 0.9", "momentum averages the noise of small batches", 1.2, new="momentum")
                text = source.slice(step)
                self.replace("optimizer", key, step, f"({text} / (1e-8 + abs({text})))", "update by sign",
                             "sign updates need less tuning of scale", 0.5, new="sign")
                self.replace("optimizer", key, step, f"({text} / (1.0 + abs({text})))", "bounded update",
                             "a soft bound on each step allows a higher rate", 0.6, new="bounded")
            for decay in ("0.001", "0.0001"):
                self.replace("regularisation", key, value, f"{source.slice(value)} + {decay} * {source.slice(rate)} * {target}"
                             if step is not None else f"{source.slice(value)} + {decay} * {target}",
                             f"decoupled weight decay {decay}", "decay keeps weights small", 0.5, new="decay " + decay)
            if step is not None:
                for factor in (2, 0.5, 3):
                    self.replace("constant.rate", key, rate, f"{factor} * {source.slice(rate)}" if isinstance(
                        rate, (ast.Name, ast.Attribute, ast.Call, ast.Constant)) else f"{factor} * ({source.slice(rate)})",
                                 f"update step times {factor:g}", "", 0.6, tag="rate",
                                 direction="up" if factor > 1 else "down", new=f"x{factor}")

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
            for statement in body[index + 1:]:
                for part in ast.walk(statement):
                    if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in before:
                        used.append(part)
            changed = set()
            for part in ast.walk(loop):
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                    changed.add(part.id)
                if isinstance(part, ast.Call):
                    changed.update(a.id for a in part.args if isinstance(a, ast.Name))
            likely = re.compile(r"^(p|w|params?|weights?|theta|variables|model|state|net|coef.*|ws?)$", re.IGNORECASE)
            for name in sorted({p.id for p in used if p.id in changed and likely.match(p.id)}):
                value = before[name]
                tree_map = self.source.spell("jax.tree.map") or self.source.spell("jax.tree_util.tree_map")
                if isinstance(value, ast.List) or isinstance(value, ast.ListComp):
                    start, update = f"list({name})", "[{k} * a + {r} * b for a, b in zip(averaged, {n})]"
                elif isinstance(value, (ast.Dict, ast.DictComp)):
                    start, update = f"dict({name})", "{{key: {k} * averaged[key] + {r} * {n}[key] for key in {n}}}"
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
                    edits = [(begin, begin, f"averaged = {start}\n{indent}"), (finish, finish, f"\n{inner}averaged = {text}")]
                    edits += [(*source.span(p), "averaged") for p in used if p.id == name]
                    self.add("averaging", self.key(loop, "averaging"), edits,
                             f"{function.name}: return an average of {name} over about {round(1 / (1 - keep))} steps",
                             "averaged weights have less of the last steps' noise", 0.9, node=loop, new=f"ema {keep:g}")

    def expressions(self):
        source = self.source
        for node in source.nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                value = node.value
                if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add) and isinstance(value.left, ast.Name) \
                        and value.left.id == name and not isinstance(value.right, ast.Constant):
                    text = source.slice(value.right)
                    for scale in (0.5, 2):
                        self.replace("residual", self.key(node, name + ".residual"), value.right, f"{scale:g} * ({text})",
                                     f"{name}: branch times {scale:g}", "the weight of a branch decides how deep the signal goes",
                                     0.4, new=f"x{scale:g}")
                elif isinstance(value, ast.Call) and self.loop_of(node) is not None and any(
                        isinstance(a, ast.Name) and a.id == name for a in value.args):
                    self.replace("residual", self.key(node, name + ".residual"), value, f"{name} + {source.slice(value)}",
                                 f"{name}: a residual connection around {source.slice(value)[:40]}",
                                 "a residual connection keeps gradients alive", 0.4, new="residual")
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and number(node.right) == 2 \
                    and isinstance(node.left, (ast.BinOp, ast.Name)):
                function = source.function_of(node)
                label = (getattr(function, "name", "") + source.qualified(node)).lower()
                if "loss" in label or "error" in source.slice(node.left).lower() or "obj" in label:
                    self.replace("loss", self.key(node, "square"), node, f"abs({source.slice(node.left)})",
                                 "squared -> absolute error", "an absolute error makes outliers matter less", 0.5, new="abs")
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and number(node.left) == 2 \
                    and "err" in source.slice(node.right).lower():
                text = source.slice(node.right)
                error = node.right
                if isinstance(error, ast.Name):
                    self.replace("loss", self.key(node, "gradient"), error, f"max(-1.0, min(1.0, {text}))",
                                 "gradient of a Huber loss", "outliers get a bounded pull", 0.6, new="huber")
            if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod):
                table = {ast.Add: ["-"], ast.Sub: ["+"], ast.Mult: ["/"], ast.Div: ["*"], ast.Pow: ["*"]}
                for sign in table.get(type(node.op), ()):
                    text = f"({source.slice(node.left)}) {sign} ({source.slice(node.right)})"
                    self.replace("operator", self.key(node, "operator"), node, f"({text})",
                                 f"{source.slice(node)[:60]} -> {text[:60]}".replace("\n", " "),
                                 "another way to combine the two", 0.04, new=sign)
            if isinstance(node, ast.Compare) and len(node.ops) == 1 and number(node.comparators[0]) is not None:
                table = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "=="}
                sign = table.get(type(node.ops[0]))
                if sign:
                    text = f"{source.slice(node.left)} {sign} {source.slice(node.comparators[0])}"
                    self.replace("comparison", self.key(node, "comparison"), node, text,
                                 f"{source.slice(node)[:60]} -> {text[:60]}", "the boundary case may matter", 0.06, new=sign)
            if isinstance(node, ast.For):
                text = source.slice(node.iter)
                call = node.iter
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "range":
                    if not any(t in self.names_in(node.target) for t in ("step", "epoch")):
                        self.replace("data_order", self.key(node, "order"), call, f"reversed({text})",
                                     f"iterate {text[:40]} backwards", "the last seen counts most", 0.12, new="reversed")
                elif isinstance(call, ast.Name) and re.search(r"batch|data|example|sample|file|shard|text", call.id, re.I):
                    self.replace("data_order", self.key(node, "order"), call, f"list({text})[::-1]",
                                 f"iterate {text[:40]} backwards", "the last seen counts most", 0.3, new="reversed")

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
            if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, ast.Constant):
                text = source.slice(node.value)
                function = source.function_of(node)
                name = getattr(function, "name", "")
                if isinstance(node.value, ast.ListComp) and len(node.value.generators) == 1:
                    element = source.slice(node.value.elt)
                    for before, after in (("math.cos", "math.cos"), ("math.tanh", "math.tanh")):
                        spelled = source.spell(before)
                        if spelled:
                            self.replace("features", self.key(node, "features"), node.value.elt, f"{spelled}({element})",
                                         f"{name}: {after} of each element", "another basis fits other shapes", 0.4, new=after)
                    for factor in ("0.5", "2"):
                        self.replace("features", self.key(node, "features"), node.value.elt, f"{factor} * ({element})",
                                     f"{name}: each element times {factor}", "the scale of the features decides how fast each is learned",
                                     0.3, new="x" + factor)
                elif isinstance(node.value, (ast.BinOp, ast.Call)) and number(node.value) is None:
                    for factor in ("0.5", "2"):
                        self.replace("scale", self.key(node, "return"), node.value, f"{factor} * ({text})",
                                     f"{name}: its result times {factor}", "the scale of a result decides what follows", 0.12,
                                     new="x" + factor)
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
                if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.Expr, ast.If)) or source.is_docstring(
                        getattr(statement, "value", statement)) and isinstance(getattr(statement, "value", None), ast.Constant):
                    continue
                if isinstance(getattr(statement, "value", None), (ast.Yield, ast.YieldFrom, ast.Await)):
                    continue
                shown = " ".join(source.slice(statement).split())[:60]
                start, end = source.span(statement)
                looped = isinstance(owner, (ast.For, ast.While))
                rebinding = isinstance(statement, ast.AugAssign) or isinstance(statement, ast.Assign) and any(
                    name in self.names_in(value) for name, value in assigned(statement)) or isinstance(statement, (ast.Expr, ast.If))
                if rebinding:
                    self.replace("delete", self.key(statement, "delete"), statement, "pass", f"leave out `{shown}`",
                                 "what is not needed only costs time", 0.12, new="pass")
                if rebinding and not isinstance(statement, ast.If):
                    indent = " " * statement.col_offset
                    self.add("duplicate", self.key(statement, "duplicate"),
                             [(end, end, "\n" + indent + source.slice(statement))], f"do `{shown}` twice",
                             "once more may go further", 0.07 if not looped else 0.1, node=statement, new="twice")
                if index + 1 < len(block) and isinstance(block[index + 1], (ast.Assign, ast.AugAssign, ast.Expr)):
                    other = block[index + 1]
                    first, second = source.span(statement), source.span(other)
                    if isinstance(statement, (ast.Assign, ast.AugAssign)):
                        self.add("swap", self.key(statement, "swap"),
                                 [(*first, source.slice(other)), (*second, source.slice(statement))],
                                 f"swap `{shown}` with the statement after it", "the order of updates may matter", 0.05,
                                 node=statement, new="swapped")

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
                mine = own.get(getattr(node, "name", None)) if isinstance(
                    node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else None
                if mine is None or dump(mine) == dump(node):
                    continue
                self.replace("graft", self.key(mine, mine.name), mine, other.slice(node),
                             f"{mine.name} as in trial {donor['trial']}", "it was part of a recipe that scored well",
                             1.0, new=f"trial {donor['trial']}")


def choices_in(sources):
    """Strings that a name is compared with, or looked up by, anywhere in the recipe."""
    found = {}

    def note(node, value):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
            name = node.slice.value
        if name and isinstance(value, ast.Constant) and isinstance(value.value, str) and len(value.value) < 60:
            found.setdefault(name, set()).add(value.value)

    for source in sources:
        for node in source.nodes:
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                left, right = node.left, node.comparators[0]
                if isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                    note(left, right)
                    note(right, left)
                elif isinstance(node.ops[0], (ast.In, ast.NotIn)) and isinstance(right, (ast.Tuple, ast.List, ast.Set)):
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
    return {"digest": whole["digest"], "ok": whole["ok"], "values": whole["values"], "units": whole["units"],
            "errors": errors, "places": places, "candidates": candidates}
