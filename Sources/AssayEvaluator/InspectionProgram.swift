import AssayTask
import Foundation

/// The program that reads a recipe in a sandbox: syntax first, then the task's static rules on the syntax trees, then the canonical form
/// of each file: what its syntax tree says, written out again (docs/lineage.md). It is left in /out/meaning.pack.
///
/// Names are followed through imports and plain assignments (`import os as o; f = o.system`), and not through calls and
/// containers; instead a module that is used otherwise than by its attributes (`f(os)`, `[os]`, `match os:`) counts as patched, and
/// a module that is reached through another (`numpy.lib.os`) as imported. Static rules give a verdict its evidence early; what keeps
/// a recipe in is the sandbox.
enum InspectionProgram {
  static let syntaxError: Int32 = 3
  static let broken: Int32 = 4
  static let maximumMeaningBytes: UInt64 = 32 << 20

  /// The rules as the program takes them.
  static func rules(_ rules: TaskFile.Rules) throws -> String {
    let list = rules.statics.map { rule -> [String: [String]] in
      switch rule.check {
      case .allowImports(let names): ["id": [rule.id], "allow": names]
      case .forbid(let names): ["id": [rule.id], "forbid": names]
      case .forbidPatching: ["id": [rule.id], "patching": []]
      case .forbidInternals: ["id": [rule.id], "internals": []]
      case .maximumLiterals(let bytes): ["id": [rule.id], "literals": ["\(bytes)"]]
      }
    }
    return String(decoding: try JSONEncoder().encode(list), as: UTF8.self)
  }

  static let text = #"""
    import ast, json, re, struct, sys, warnings
    warnings.simplefilter("ignore")
    rules = json.loads(sys.argv[1])
    FRAMES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame", "f_back", "f_globals", "f_locals", "f_builtins", "gi_code", "f_code"}
    HARMLESS = {"__init__", "__call__", "__name__", "__len__", "__doc__", "__post_init__"}
    # What a module holds of its own accord, beside what it was told to hold.
    GIVEN = {"__name__", "__doc__", "__file__", "__all__", "__main__", "__future__"}
    # Modules that libraries import for themselves, and leave where everybody can reach them.
    REACHED = {
        "asyncio", "atexit", "builtins", "bz2", "code", "codecs", "codeop", "concurrent", "contextlib", "contextvars", "copyreg", "ctypes",
        "dis", "enum", "fileinput", "gc", "glob", "gzip", "importlib", "inspect", "io", "linecache", "logging", "lzma", "marshal", "mmap",
        "multiprocessing", "operator", "os", "pathlib", "pickle", "pkgutil", "posix", "pydoc", "runpy", "shutil", "signal",
        "site", "socket", "subprocess", "sys", "sysconfig", "tempfile", "threading", "tokenize", "traceback", "types", "unittest", "urllib",
        "warnings", "weakref", "zipfile", "zipimport",
    }

    def inside(name, names):
        return any(name == other or name.startswith(other + ".") for other in names)

    class Names(ast.NodeVisitor):
        """What a file imports and uses: (line, kind, dotted name), in order."""

        def __init__(self, tree, local):
            self.aliases, self.found, self.local, self.stars = {}, [], local, []
            self.modules, self.known = set(), set()
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    for item in node.names:
                        self.modules.add(item.asname or item.name.split(".")[0])
                        self.aliases[item.asname or item.name.split(".")[0]] = item.name if item.asname else item.name.split(".")[0]
                elif isinstance(node, ast.ImportFrom):
                    for item in node.names:
                        if item.name == "*":
                            self.stars.append(node.module or "")
                        self.aliases[item.asname or item.name] = (node.module or "") + "." + item.name
            assignments = [
                (target.id, node.value)
                for node in ast.walk(tree)
                if isinstance(node, (ast.Assign, ast.NamedExpr, ast.AnnAssign))
                for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
                if isinstance(target, ast.Name)
            ]
            for _ in range(4):
                for name, value in assignments:
                    if isinstance(value, ast.Name) and value.id in self.modules:
                        self.modules.add(name)
                        self.known.add(value)
                    path = self.path(value)
                    if path and path.split(".")[0] != name and (self.root(value) in self.aliases or inside(path, BUILTINS)):
                        self.aliases.setdefault(name, path)
            self.visit(tree)

        def root(self, node):
            while isinstance(node, ast.Attribute):
                node = node.value
            return node.id if isinstance(node, ast.Name) else None

        def path(self, node):
            parts = []
            while isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            if not isinstance(node, ast.Name):
                return None
            path = (self.aliases.get(node.id, node.id).split(".") if node.id in self.aliases else [node.id]) + parts[::-1]
            # What a file of the recipe imports is reached through it too.
            while len(path) > 1 and path[0] in self.local:
                del path[0]
            return ".".join(path)

        def visit_Import(self, node):
            for item in node.names:
                self.found.append((node.lineno, "import", item.name))

        def visit_ImportFrom(self, node):
            if node.level:
                return
            for item in node.names:
                self.found.append((node.lineno, "import", f"{node.module}.{item.name}" if node.module not in self.local else node.module))
                self.took(node.lineno, node.module, item.name)

        def took(self, line, module, name):
            """A name that is taken out of a module is looked at as one that is reached through it."""
            if module.split(".")[0] in self.local | GIVEN:
                return
            if name in REACHED:
                self.found.append((line, "import", name))
            if name.startswith("_"):
                self.found.append((line, "internal", f"{module}.{name}"))

        def visit_Name(self, node):
            path = self.path(node)
            self.found.append((node.lineno, "use", path))
            for module in self.stars:
                self.found.append((node.lineno, "use", module + "." + node.id))
                self.took(node.lineno, module, node.id)
            if node.id in self.modules and isinstance(node.ctx, ast.Load) and node not in self.known:
                self.found.append((node.lineno, "patch", path))
            if node.id.startswith("__") and node.id.endswith("__") and node.id not in GIVEN:
                self.found.append((node.lineno, "internal", node.id))

        def visit_Constant(self, node):
            if isinstance(node.value, str):
                for name in re.findall(r"__[a-z]+__", node.value):
                    if name not in HARMLESS and name not in GIVEN:
                        self.found.append((node.lineno, "internal", "the name " + name + " in a text"))

        def visit_MatchClass(self, node):
            for name in node.kwd_attrs:
                if name in FRAMES or name.startswith("_"):
                    self.found.append((node.cls.lineno, "internal", "." + name))
            self.generic_visit(node)

        def visit_Attribute(self, node):
            path, root = self.path(node), self.root(node)
            if not isinstance(node.ctx, ast.Load) and root in self.aliases:
                self.found.append((node.lineno, "patch", path))
            if node.attr in FRAMES:
                self.found.append((node.lineno, "internal", path or "." + node.attr))
            if node.attr.startswith("_") and node.attr not in HARMLESS and (root in self.aliases or node.attr.startswith("__")):
                self.found.append((node.lineno, "internal", path or "." + node.attr))
            if path:
                self.found.append((node.lineno, "use", path))
                if root in self.aliases and node.attr in REACHED:
                    self.found.append((node.lineno, "import", node.attr))
            if isinstance(node.value, ast.Name):
                self.known.add(node.value)
            self.generic_visit(node)

    def breaks(rule, kind, name, local):
        if "allow" in rule:
            return kind == "import" and not inside(name, rule["allow"]) and name.split(".")[0] not in local
        if "forbid" in rule:
            return kind in ("import", "use") and inside(name.removeprefix("builtins."), rule["forbid"])
        return kind == ("patch" if "patching" in rule else "internal" if "internals" in rule else None)

    def literals(trees):
        """What the source writes down as data: texts and numbers, what stands in lists, and names, each once, since names can be read
        too. The sum in bytes, and where the longest is."""
        sizes, names = [], {}
        documented = any("__doc__" in (getattr(node, "attr", ""), getattr(node, "id", ""), getattr(node, "value", ""))
                         for _, tree in trees for node in ast.walk(tree))
        for name, tree in trees:
            alone = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                at = (name, getattr(node, "lineno", 0))
                if isinstance(node, ast.Constant) and (documented or node not in alone):
                    if isinstance(node.value, str):
                        sizes.append((len(node.value.encode("utf-8", "surrogatepass")), at))
                    elif isinstance(node.value, bytes):
                        sizes.append((len(node.value), at))
                    elif not isinstance(node.value, bool) and isinstance(node.value, (int, float, complex)):
                        sizes.append((number(node.value), at))
                if isinstance(node, (ast.List, ast.Tuple, ast.Set, ast.Dict)):
                    count = len(node.keys) if isinstance(node, ast.Dict) else len(node.elts)
                    sizes.append((count, at))
                for field in ("id", "attr", "arg", "name", "asname", "rest", "module"):
                    word = getattr(node, field, None)
                    if isinstance(word, str):
                        names.setdefault(word, at)
                for field in ("names", "kwd_attrs"):
                    for word in getattr(node, field, None) or []:
                        if isinstance(word, str):
                            names.setdefault(word, at)
        sizes += [(len(word.encode("utf-8", "surrogatepass")), at) for word, at in names.items()]
        return sum(size for size, _ in sizes), max(sizes, default=(0, ("", 0)))[1]

    def number(value):
        """Bytes that a number takes as text; long integers are not written out, which takes a square of their length."""
        return len(repr(value)) if not isinstance(value, int) or value.bit_length() < 1000 else int(value.bit_length() / 3.3)

    BUILTINS = {name for rule in rules for name in rule.get("forbid", [])}
    local = {name[:-3].split("/")[0] for name in sys.argv[2:]}
    trees = []
    for name in sys.argv[2:]:
        try:
            with open("/recipe/" + name, "rb") as file:
                trees.append((name, ast.parse(file.read(), name)))
        except SyntaxError as error:
            print(f"{name}:{error.lineno or 0}: {error.msg}"[:400])
            sys.exit(3)
        except (ValueError, RecursionError, MemoryError) as error:
            print(f"{name}:0: {type(error).__name__}: {error}"[:400])
            sys.exit(3)
    for name, tree in trees if rules else []:
        try:
            found = Names(tree, local).found
        except RecursionError:
            print(f"{name}:0: the file is nested too deeply")
            sys.exit(3)
        for rule in rules:
            for line, kind, what in sorted(found):
                if breaks(rule, kind, what, local):
                    print(f"{rule['id'][0]} {name}:{line}: {what}"[:400])
                    sys.exit(4)

    for rule in rules:
        if "literals" in rule:
            size, (name, line) = literals(trees)
            most = int(rule["literals"][0])
            if size > most:
                print(f"{rule['id'][0]} {name}:{line}: {size:,} bytes of literals and names, {size - most:,} over {most:,}"[:400])
                sys.exit(4)

    READERS = {"__doc__", "__file__", "__loader__", "__spec__", "__code__", "__annotations__", "ast", "doctest", "inspect", "linecache",
               "pydoc", "tokenize", "traceback", "lineno", "f_lineno", "tb_lineno", "co_firstlineno", "_getframe"}
    MARKS = ("__doc__", "__file__", "__code__", "inspect", "lineno", ".py")

    def strip(tree):
        """Takes out what runs nothing: docstrings and other constants that stand alone, `pass` beside statements, an empty `else`."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                node.kind = None
            for field in ("body", "orelse", "finalbody"):
                lines = getattr(node, field, None)
                if isinstance(lines, list) and lines:
                    kept = [line for line in lines if not isinstance(line, ast.Pass)
                            and not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
                    needed = field != "orelse" and not isinstance(node, ast.Module)
                    setattr(node, field, kept or ([ast.Pass()] if needed else []))

    def reads_itself(tree):
        """Whether a recipe might see its own comments, docstrings or line numbers: then each of its bytes is part of what it means."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
                text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
                if any(mark in text for mark in MARKS):
                    return True
            words = [getattr(node, "id", None), getattr(node, "attr", None)]
            if isinstance(node, ast.alias):
                words += node.name.split(".")
            if isinstance(node, ast.ImportFrom):
                words += (node.module or "").split(".")
            if any(word in READERS for word in words):
                return True
        return False

    def canonical(name, tree):
        try:
            text = ast.unparse(tree)
            if ast.dump(ast.parse(text)) == ast.dump(tree):
                return (text + "\n").encode("utf-8")
        except (ValueError, SyntaxError, RecursionError, MemoryError, AttributeError):
            pass
        with open("/recipe/" + name, "rb") as file:
            return file.read()

    try:
        for name, tree in trees:
            strip(tree)
        if any(reads_itself(tree) for name, tree in trees):
            sys.exit(0)
        with open("/out/meaning.pack", "wb") as pack:
            for name, tree in trees:
                content = canonical(name, tree)
                pack.write(struct.pack("<I", len(name.encode())) + name.encode() + struct.pack("<Q", len(content)) + content)
    except (RecursionError, MemoryError):
        sys.exit(0)
    """#
}
