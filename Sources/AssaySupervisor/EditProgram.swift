import AssayAudit
import Dispatch
import Foundation
import Glibc

/// The Python program that compares recipes by their syntax trees. It parses and never executes, in a process with limits of its
/// own: a recipe that breaks the parser costs its own answer.
struct EditProgram: Sendable {
  /// A recipe before and after an edit, by path.
  struct Pair: Encodable, Sendable {
    var before: [String: String]
    var after: [String: String]
  }

  static let interpreter = "/usr/bin/python3"
  private static let seconds = 30

  static var isThere: Bool { FileManager.default.isExecutableFile(atPath: interpreter) }

  /// The kind of each edit, in order; nil when the program did not come to an end.
  static func kinds(of pairs: [Pair]) async -> [EditKind]? {
    guard let request = try? JSONEncoder().encode(pairs) else { return nil }
    return await withCheckedContinuation { continuation in
      // Reading from a process blocks, so it has a thread of its own.
      DispatchQueue.global(qos: .userInitiated).async {
        continuation.resume(returning: run(request, pairs.count))
      }
    }
  }

  private static func run(_ request: Data, _ count: Int) -> [EditKind]? {
    let file = FileManager.default.temporaryDirectory.appending(path: "assay-edits-\(UUID().uuidString)")
    guard (try? request.write(to: file, options: .withoutOverwriting)) != nil else { return nil }
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: interpreter)
    process.arguments = ["-I", "-S", "-B", "-c", text]
    process.environment = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardInput = try? FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let killer = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .seconds(seconds), execute: killer)
    let answer = (try? output.fileHandleForReading.read(upToCount: 64 * count + 1024)) ?? Data()
    process.waitUntilExit()
    killer.cancel()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else { return nil }
    let kinds = String(decoding: answer, as: UTF8.self).split(separator: "\n").map {
      EditKind(rawValue: String($0)) ?? .unknown
    }
    return kinds.count == count ? kinds : nil
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
