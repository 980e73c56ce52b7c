"""A recipe file, parsed: where its nodes are, what its names mean, what its constants are called."""

import ast
import hashlib

MAX_BYTES = 1 << 20
MAX_NODES = 60000


class Unreadable(Exception):
    """The text is not Python that can be edited; the message says why."""


def parse(text):
    """The syntax tree of a text, or Unreadable. Bounded: no warnings, no recursion out of hand."""
    if len(text) > MAX_BYTES:
        raise Unreadable("the file is larger than 1 MiB")
    if "\x00" in text:
        raise Unreadable("the file holds a null byte")
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno}: {error.msg}") from None
    except (RecursionError, MemoryError):
        raise Unreadable("the code is nested too deeply") from None
    except (ValueError, UnicodeError) as error:
        raise Unreadable(str(error)[:200]) from None


def strip_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body
            if (
                body
                and isinstance(body[0], ast.Expr)
                and isinstance(body[0].value, ast.Constant)
                and isinstance(body[0].value.value, str)
            ):
                node.body = body[1:] or [ast.Pass()]
    return tree


def dump(node):
    try:
        return ast.dump(node, annotate_fields=False)
    except RecursionError:
        raise Unreadable("the code is nested too deeply") from None


def sha(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_python(path):
    return path.endswith(".py")


def number(node):
    """The value of a numeric literal, signed or not; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    return None


class Source:
    """One parsed file."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.bytes = text.encode("utf-8", "surrogatepass")
        if "\r" in text.replace("\r\n", "") or "\x0c" in text or text.startswith("\ufeff"):
            raise Unreadable("the file has unusual line breaks or a byte order mark")
        self.tree = parse(text)
        self.parents = {}
        self.nodes = []
        waiting = [self.tree]
        while waiting:
            node = waiting.pop()
            self.nodes.append(node)
            if len(self.nodes) > MAX_NODES:
                raise Unreadable("the file has too many parts to edit")
            if isinstance(node, ast.JoinedStr):
                continue  # Positions inside formatted strings are not those of the file.
            children = []
            for child in ast.iter_child_nodes(node):
                if not isinstance(
                    child, (ast.expr_context, ast.operator, ast.cmpop, ast.unaryop, ast.boolop)
                ):
                    self.parents[child] = node
                    children.append(child)
            waiting.extend(reversed(children))
        self.starts = [0]
        for index, byte in enumerate(self.bytes):
            if byte == 10:
                self.starts.append(index + 1)
        self.modules = {}
        self.read_imports()
        self.globals = {}
        for node in self.tree.body:
            for name, value in assigned(node):
                self.globals.setdefault(name, value)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.globals.setdefault(node.name, node)
        self.ordinals = {}

    def read_imports(self):
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for name in node.names:
                    if name.asname:
                        self.modules[name.asname] = name.name
                    else:
                        self.modules[name.name.split(".")[0]] = name.name.split(".")[0]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    self.modules[name.asname or name.name] = node.module + "." + name.name

    def span(self, node):
        start = self.starts[node.lineno - 1] + node.col_offset
        end = self.starts[node.end_lineno - 1] + node.end_col_offset
        return start, end

    def slice(self, node):
        start, end = self.span(node)
        return self.bytes[start:end].decode("utf-8", "surrogatepass")

    def dotted(self, node):
        """The full name of `a.b.c` with imports resolved; None where the root is not an imported name."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        root = self.modules.get(node.id)
        if root is None:
            return None
        return ".".join([root] + parts[::-1])

    def spell(self, full):
        """How this file can write a full name with the modules it has imported; None if it cannot."""
        best = None
        for alias, module in self.modules.items():
            if full == module:
                text = alias
            elif full.startswith(module + "."):
                text = alias + full[len(module) :]
            else:
                continue
            # A name deep inside a package needs the sub-module to be loaded: jax.nn and optax.contrib are.
            if best is None or len(text) < len(best):
                best = text
        return best

    def function_of(self, node):
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return node
        return None

    def statement_of(self, node):
        while node in self.parents and not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node if isinstance(node, ast.stmt) else None

    def qualified(self, node):
        """The names of the functions and classes around a node."""
        names = []
        while node in self.parents:
            node = self.parents[node]
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.append(node.name)
        return ".".join(names[::-1])

    def is_docstring(self, node):
        parent = self.parents.get(node)
        return isinstance(parent, ast.Expr)


def assigned(node):
    """Pairs of name and value expression that a statement binds, tuples taken apart."""
    pairs = []
    if isinstance(node, ast.Assign):
        for target in node.targets:
            pair_up(target, node.value, pairs)
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        pair_up(node.target, node.value, pairs)
    return pairs


def pair_up(target, value, pairs):
    if isinstance(target, ast.Name):
        pairs.append((target.id, value))
    elif isinstance(target, ast.Attribute):
        pairs.append((target.attr, value))
    elif (
        isinstance(target, (ast.Tuple, ast.List))
        and isinstance(value, (ast.Tuple, ast.List))
        and len(target.elts) == len(value.elts)
    ):
        for one, other in zip(target.elts, value.elts):
            pair_up(one, other, pairs)


def factor_of(source, node):
    """The name that a constant multiplies; None where it multiplies none."""
    parent = source.parents.get(node)
    if not isinstance(parent, ast.BinOp) or not isinstance(parent.op, ast.Mult):
        return None
    other = parent.right if parent.left is node else parent.left
    if isinstance(other, ast.Name):
        return other.id
    return other.attr if isinstance(other, ast.Attribute) else None


def literals(source):
    """Every constant that has a name: (key, simple name, node). Keys are stable under edits elsewhere."""
    found = []
    taken = set()
    seen = {}

    def add(key, name, node):
        base = node.operand if isinstance(node, ast.UnaryOp) else node
        if id(base) in taken:
            return
        taken.add(id(base))
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            key = f"{key}#{seen[key]}"
        found.append((key, name, node))

    def simple(node):
        return number(node) is not None or (
            isinstance(node, ast.Constant)
            and isinstance(node.value, (bool, str))
            and not source.is_docstring(node)
        )

    def spread(key, name, value):
        if simple(value):
            add(key, name, value)
        elif isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) <= 16:
            for index, element in enumerate(value.elts):
                if simple(element):
                    add(f"{key}[{index}]", name, element)
        elif isinstance(value, ast.Dict):
            for k, v in zip(value.keys, value.values):
                if isinstance(k, ast.Constant) and isinstance(k.value, str) and simple(v):
                    add(f"{key}.{k.value[:40]}", k.value, v)

    for node in source.nodes:
        where = source.qualified(node)
        prefix = f"{source.path}:{where + '.' if where else ''}"
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            for name, value in assigned(node):
                spread(prefix + name, name, value)
        elif isinstance(node, ast.keyword) and node.arg:
            spread(f"{prefix}({node.arg}=)", node.arg, node.value)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            own = f"{prefix}{node.name}"
            plain = node.args.posonlyargs + node.args.args
            for argument, default in zip(plain[len(plain) - len(node.args.defaults) :], node.args.defaults):
                spread(f"{own}({argument.arg}=)", argument.arg, default)
            for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults):
                if default is not None:
                    spread(f"{own}({argument.arg}=)", argument.arg, default)
        elif isinstance(node, ast.Dict):
            spread(prefix + "{}", "", node)
    for node in source.nodes:
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and id(node) not in taken:
            where = source.qualified(node)
            partner = factor_of(source, node)
            add(f"{source.path}:{where + '.' if where else ''}@{partner or ''}", "", node)
    return found


def values_of(source):
    values = {}
    for key, _, node in literals(source):
        value = number(node)
        if value is None:
            value = node.value
        if isinstance(value, str):
            value = value[:80]
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1 << 53:
            continue
        if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
            continue
        values[key] = value
        if len(values) >= 3000:
            break
    return values


def units_of(source):
    """Digests of the definitions at the top of a file and of the methods of its classes."""
    units = {}
    for node in source.tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            units[f"{source.path}:{node.name}"] = sha(dump(node))[:16]
        elif isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    units[f"{source.path}:{node.name}.{part.name}"] = sha(dump(part))[:16]
    return units


def inspect_tree(tree):
    """What a whole recipe is: a digest without comments, layout and docstrings, and what is named in it."""
    listing = []
    values = {}
    units = {}
    error = None
    for path in sorted(tree):
        text = tree[path]
        if not is_python(path):
            listing.append(f"{path}\0text\0{sha(text)}")
            continue
        try:
            source = Source(path, text)
            values.update(values_of(source))
            stripped = strip_docstrings(parse(text))
            units.update(units_of(source))
            listing.append(f"{path}\0tree\0{sha(dump(stripped))}")
        except Unreadable as problem:
            error = error or f"{path}: {problem}"
            listing.append(f"{path}\0text\0{sha(text)}")
        except (RecursionError, MemoryError):
            error = error or f"{path}: the code is nested too deeply"
            listing.append(f"{path}\0text\0{sha(text)}")
    return {
        "ok": error is None,
        "error": error,
        "digest": sha("\n".join(listing)),
        "values": values,
        "units": units,
    }
