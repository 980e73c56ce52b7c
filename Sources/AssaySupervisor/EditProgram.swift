import AssayAudit
import AssayProcess
import Foundation

/// The Python program that compares recipes by their syntax trees. It parses and never executes, in a process with limits of its
/// own: a recipe that breaks the parser costs its own answer.
struct EditProgram: Sendable {
  /// A recipe before and after an edit, by path.
  struct Pair: Encodable, Sendable {
    var before: [String: String]
    var after: [String: String]
  }

  static let interpreter = "/usr/bin/python3"
  private static let timeLimit: Duration = .seconds(30)

  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: interpreter) }

  /// The kind of each edit, in order; nil when the program did not come to an end.
  static func kinds(of pairs: [Pair]) async -> [EditKind]? {
    guard let request = try? JSONEncoder().encode(pairs) else { return nil }
    let answer = try? await ChildProcess.capture(
      [interpreter, "-I", "-S", "-B", "-c", text],
      environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"], folder: "/", input: request,
      maximumOutput: 64 * pairs.count + 1024, timeLimit: timeLimit)
    guard let answer, answer.succeeded else { return nil }
    let kinds = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").map {
      EditKind(rawValue: String($0)) ?? .unknown
    }
    return kinds.count == pairs.count ? kinds : nil
  }

  private static let text = #"""
    import ast, json, re, resource, sys, warnings
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    class Constants(ast.NodeTransformer):
        def visit_Constant(self, node):
            return ast.Constant(value=0)

        def visit_UnaryOp(self, node):
            self.generic_visit(node)
            # A negative number is a sign and a constant.
            return node.operand if isinstance(node.op, (ast.USub, ast.UAdd)) and isinstance(node.operand, ast.Constant) else node

    def parse(text):
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node, clean=False) is not None:
                # What a docstring says is no part of the program; that there is one may be.
                node.body[0].value.value = ""
        return tree

    def kind(before, after):
        if set(before) != set(after):
            return "program_level"
        found = "unchanged"
        for name in before:
            old, new = before[name], after[name]
            if old == new:
                continue
            if name.endswith(".py"):
                old, new = parse(old), parse(new)
                if ast.dump(old) == ast.dump(new):
                    continue
                same = ast.dump(Constants().visit(old)) == ast.dump(Constants().visit(new))
            else:
                number = r"[-+]?[0-9][0-9._eE+-]*"
                same = re.sub(number, "0", old) == re.sub(number, "0", new)
            if not same:
                return "program_level"
            found = "constant_only"
        return found

    for pair in json.load(sys.stdin):
        try:
            print(kind(pair["before"], pair["after"]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            print("unknown")
    """#
}
