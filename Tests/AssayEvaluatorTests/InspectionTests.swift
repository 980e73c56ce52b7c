import AssayPatch
import AssaySandbox
import Foundation
import Testing

@testable import AssayEvaluator
@testable import AssayTask

@Suite("Static rules of a task", .timeLimit(.minutes(2)))
struct InspectionTests {
  private static let rules = """
    rules:
      version: 7
      static:
        - {id: imports, why: "arithmetic is enough", allow_imports: [math, random, time, numpy]}
        - {id: no-dynamic-code, why: "be readable", forbid: [eval, exec, __import__, getattr, setattr, open, time.sleep]}
        - {id: no-patching, why: "clocks stay", forbid_patching: true}
        - {id: no-internals, why: "no way around", forbid_internals: true}
    """

  private func inspect(_ files: [String: String], rules: String = rules) async throws -> Inspection {
    let bench = try Bench(gates: rules)
    let scorer = SandboxedScorer(
      sandbox: try await Sandbox.open(), task: bench.owned.task, prepared: bench.owned.prepared,
      scratch: bench.folder + "/scratch")
    return try await scorer.inspect(
      RecipeTree(files.mapValues { Array($0.utf8) }), rules: bench.owned.task.file.rules)
  }

  @Test(
    "a broken rule is found with file and line, by whatever name",
    arguments: [
      ("imports", 1, "import os"), ("imports", 1, "import numpy, socket"),
      ("imports", 1, "from os import fork"),
      ("imports", 2, "def f():\n    import os.path as p"), ("imports", 1, "from os import *"),
      ("imports", 1, "import mathematics"),
      ("no-dynamic-code", 1, "eval('1')"), ("no-dynamic-code", 1, "run = exec"),
      ("no-dynamic-code", 1, "e = eval\ne('1')"), ("no-dynamic-code", 1, "getattr(1, 'x')"),
      ("no-dynamic-code", 2, "x = 1\n__import__('os')"), ("no-dynamic-code", 1, "open('/data/x')"),
      ("no-dynamic-code", 2, "import time\ntime.sleep(1)"),
      ("no-dynamic-code", 1, "from time import sleep as rest"),
      ("no-dynamic-code", 2, "import time as t\npause = t.sleep"),
      ("no-dynamic-code", 3, "import time\nclock = time\nclock.sleep(1)"),
      ("no-patching", 2, "import time\ntime.time = lambda: 0.0"),
      ("no-patching", 2, "import time as t\nt.time, x = 1, 2"),
      ("no-patching", 3, "import time\nt = time\nt.perf_counter = None"),
      ("no-patching", 2, "import numpy as np\ndel np.random.seed"),
      ("no-patching", 2, "import numpy as np\nnp.core.x += 1"),
      ("no-patching", 2, "import time\nfor time.time in [1]: pass"),
      ("no-internals", 2, "import random\nrandom._os.system('x')"),
      ("no-internals", 1, "(lambda: 0).__globals__"), ("no-internals", 1, "().__class__.__bases__"),
      ("no-internals", 2, "import numpy as np\nnp.__dict__['x'] = 1"),
      ("no-internals", 1, "__builtins__['eval']('1')"), ("no-internals", 1, "__loader__.load_module('os')"),
      ("no-internals", 1, "'{0.__class__}'.format(1)"),
      ("no-internals", 2, "match f:\n    case object(__globals__=g): pass"),
      ("no-patching", 4, "import time\ndef f(m):\n    m.time = 0\nf(time)"),
      ("no-patching", 2, "import time\n[m] = [time]"),
      ("no-patching", 2, "import time\nf = lambda m=time: m"),
      ("no-patching", 2, "import time as t\nmatch t:\n    case object(sleep=s): s(1)"),
      ("no-dynamic-code", 2, "from time import *\nsleep(1)"),
      ("no-dynamic-code", 3, "import time\nimport recipe as own\nown.time.sleep(1)"),
      ("no-dynamic-code", 2, "# coding: utf-7\n+AGU-val('1')"),
      ("no-dynamic-code", 1, "\u{FEFF}\u{FF45}val('1')"),
      ("imports", 2, "import numpy as np\nnp.ctypeslib.ctypes.CDLL(None)"),
      ("imports", 2, "import numpy as np\nload = np.lib.format.os.system"),
      ("imports", 1, "from random import sys"),
      ("imports", 2, "import random\nrandom.operator.attrgetter('x')"),
      ("imports", 1, "from numpy.lib import os as o"), ("imports", 2, "from numpy import *\nsys.modules"),
      ("imports", 2, "import numpy as np\nnp.types.FunctionType"),
      ("no-internals", 1, "from random import _os as r"),
    ])
  func broken(rule: String, line: Int, text: String) async throws {
    guard case .broken(let found, let evidence) = try await inspect(["recipe.py": text + "\n"]) else {
      Issue.record("nothing was found in \(text)")
      return
    }
    #expect(found == rule)
    #expect(evidence.hasPrefix("recipe.py:\(line): "), "\(evidence)")
  }

  @Test(
    "honest work breaks none",
    arguments: [
      "import math\nimport numpy as np\nfrom time import perf_counter as now\nx = np.linalg.norm([math.pi])\n",
      "class Model:\n    def __init__(self):\n        super().__init__()\n        self._w = 1\n        self.b = 2\n",
      "import random\nr = random.Random(3)\nr.shuffle([1])\nr.state = 2\nprint(type(r).__name__)\n",
      "from other import helper, _own\nimport other\n", "x = 'import os; eval(1)'  # exec\n",
      "def opening(evaluate):\n    return evaluate.open\n",
    ])
  func honest(text: String) async throws {
    #expect(try await inspect(["recipe.py": text, "other.py": "helper = _own = 1\n"]).isClean)
  }

  @Test("a task without rules asks for Python and no more")
  func without() async throws {
    #expect(try await inspect(["recipe.py": "import os\n"], rules: "").isClean)
  }

  @Test("the recipes of the bundled tasks keep their own rules", arguments: ["golf-mini", "airbench-mini"])
  func bundled(name: String) async throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let task = try ResearchTask.load(directory: root.appending(path: "tasks/\(name)").path)
    #expect(task.file.rules.statics.count == 6)
    let scratch = FileManager.default.temporaryDirectory.appending(path: "assay-inspect-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let scorer = SandboxedScorer(
      sandbox: try await Sandbox.open(), task: task,
      prepared: PreparedTask(
        environment: nil, train: "/none", heldout: "/none", sealed: "/none", dataDigest: ""),
      scratch: scratch.path)
    #expect(try await scorer.inspect(task.baseline, rules: task.file.rules).isClean)
    for reader in [
      "import numpy as np\nnp.load('/data/x', allow_pickle=True)", "from numpy import fromfile",
      "import numpy\nm = numpy.memmap\nm('/proc/self/mem')", "import jax\njax.pure_callback(f, x)",
      "from jax.experimental import io_callback as call", "import jax.numpy as jnp\njnp.load('/x')",
      "import numpy as np\nnp.lib.npyio.NpzFile", "import numpy as np\nnp.rec.fromfile('/inputs/x')",
      "from numpy import fromregex",
    ] {
      let tree = try RecipeTree(["recipe.py": Array((reader + "\n").utf8)])
      guard case .broken("no-files", _) = try await scorer.inspect(tree, rules: task.file.rules) else {
        Issue.record("\(reader) is not found")
        continue
      }
    }
  }

  @Test("a module that is allowed is no way to one that is not")
  func allowedModule() async throws {
    let rules = """
      rules:
        version: 1
        static:
          - {id: imports, why: "paths", allow_imports: [os, io]}
      """
    for text in ["from os import sys\n", "import os\nos.sys.modules\n", "from os import *\nsys.modules\n"] {
      guard case .broken("imports", _) = try await inspect(["recipe.py": text], rules: rules) else {
        Issue.record("\(text) is not found")
        continue
      }
    }
    let honest = "from os import path, environ\nimport io\nfrom io import BytesIO\nx = path.join('a', 'b')\n"
    #expect(try await inspect(["recipe.py": honest], rules: rules).isClean)
  }

  private static let noWeights = """
    rules:
      version: 1
      static:
        - {id: no-weights, why: "train", max_literals: 300}
    """

  private static func times(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  /// Texts of which no two are the same.
  private static func each(_ count: Int, _ separator: String, _ text: (Int) -> String) -> String {
    (0..<count).map(text).joined(separator: separator)
  }

  @Test(
    "weights that are written into the source are found, however they are written",
    arguments: [
      "W = '\(times("x7", 200))'", "W = b'\(times("x7", 200))'", "W = f'\(times("x7", 200)){x}'",
      "W = [\(each(100, ", ") { "0.\($0)1" })]", "W = \(times("7", 301))", "W = 0x\(times("f", 2000))",
      "W = ''.join(dict(\(each(60, ", ") { "a\($0)b\(7 * $0)=0" })))",
      "a = b = 1\nW = (\(times("a, b, b, ", 100)))",
      "class W:\n\(each(70, "\n") { "    a\($0)b\(7 * $0) = 0" })",
      "def W():\n    '\(times("x7", 200))'\nW = W.__doc__",
    ])
  func weights(text: String) async throws {
    let found = try await inspect(["recipe.py": "x = 1\n" + text + "\n"], rules: Self.noWeights)
    guard case .broken("no-weights", let evidence) = found else {
      Issue.record("nothing was found in \(text.prefix(60))")
      return
    }
    #expect(evidence.contains(" over 300"), "\(evidence)")
  }

  @Test("comments, docstrings and long code are no weights")
  func code() async throws {
    let text =
      "'\(Self.times("long text ", 100))'\n# \(Self.times("weights ", 100))\nx = 1\n"
      + Self.times("x = x + x\n", 200)
    #expect(try await inspect(["recipe.py": text], rules: Self.noWeights).isClean)
  }

  private func meaning(_ text: String) async throws -> String {
    guard case .clean(let meaning) = try await inspect(["recipe.py": text], rules: "") else {
      Issue.record("\(text) is not clean")
      return ""
    }
    return meaning.digest
  }

  private static let text = """
    '''Says what it is.'''
    import math


    def f(x, rate=0.001):
        "Adds."
        # a comment
        if x > 1:
            y = {"a": 16, "b": [1, 2]}
        else:
            y = (x + 1) * 2
        return math.exp(y) if rate else f"{x:.3f}"
    """

  @Test(
    "comments, layout, docstrings and the way a constant is written are no part of what a recipe means",
    arguments: [
      ("a comment", "# a comment", "# another # one"), ("a docstring", "'''Says what it is.'''\n", ""),
      ("a docstring of a function", "\"Adds.\"", "\"\"\"Takes\naway.\"\"\""), ("a number", "0.001", "1e-3"),
      ("hexadecimal", "16", "0x10"), ("quotes", "\"a\"", "'a'"), ("layout", "[1, 2]", "[\n 1,\n  2,\n]"),
      ("parentheses", "if x > 1:", "if (x > 1):"), ("a pass", "# a comment", "pass"),
      ("an alone-standing constant", "# a comment", "3; 'four'"),
      ("a blank line", "import math", "\nimport math\n"),
      ("a section marker", "import math", "import math\n# --- section: model ---"),
      ("a unicode prefix", "\"b\"", "u'b'"),
    ])
  func sameMeaning(what: String, old: String, new: String) async throws {
    let edited = Self.text.replacingOccurrences(of: old, with: new)
    #expect(edited != Self.text)
    #expect(try await meaning(edited) == meaning(Self.text), "\(what)")
  }

  @Test(
    "whatever runs is part of it",
    arguments: [
      ("a name", "rate", "speed"), ("an int for a float", "16", "16.0"),
      ("a statement", "# a comment", "x = x"),
      ("an order", "\"a\": 16, \"b\": [1, 2]", "\"b\": [1, 2], \"a\": 16"), ("a format", ".3f", ".4f"),
      ("grouping", "(x + 1) * 2", "x + 1 * 2"), ("an import", "import math", "import math\nimport random"),
    ])
  func otherMeaning(what: String, old: String, new: String) async throws {
    #expect(
      try await meaning(Self.text.replacingOccurrences(of: old, with: new)) != meaning(Self.text), "\(what)")
  }

  @Test(
    "a recipe that can read its own text means all of it",
    arguments: [
      "print(f.__doc__)", "import inspect", "from traceback import format_exc",
      "x = open('/recipe/recipe.py')",
      "getattr(f, '__doc__')", "x = (lambda: 0).__code__",
    ])
  func readsItself(line: String) async throws {
    let text = Self.text + "\n" + line + "\n"
    #expect(try await meaning(text) != meaning(text.replacingOccurrences(of: "# a comment", with: "# b")))
    #expect(try await meaning(text) != meaning(text.replacingOccurrences(of: "Adds.", with: "Subtracts.")))
  }

  @Test("a file that is no Python, or cannot be written out again, counts byte by byte")
  func bytes() async throws {
    guard
      case .clean(let one) = try await inspect(["recipe.py": "x = 1 # a\n", "notes.txt": "# a\n"], rules: ""),
      case .clean(let other) = try await inspect(["recipe.py": "x = 1\n", "notes.txt": "# b\n"], rules: "")
    else {
      Issue.record("not clean")
      return
    }
    #expect(one["recipe.py"] == other["recipe.py"])
    #expect(one["notes.txt"] == Array("# a\n".utf8))
    #expect(one.digest != other.digest)
    // More digits than Python writes out.
    let huge = "x = 0x" + String(repeating: "f", count: 9000)
    #expect(try await meaning(huge + "\n") != meaning(huge + "  # a\n"))
  }

  @Test("an illegal verdict names rule, version, file and line")
  func verdict() async throws {
    try await EvaluatorHarness.with(try Bench(gates: Self.rules), script: ScriptedRunner.honest) { harness in
      try await harness.openAccepting()
      let trial = try await harness.submit(try Bench.edit(width: "eval"))
      let verdict = try #require(try await harness.verdict(trial).verdict)
      #expect(verdict.label == .illegal)
      #expect(verdict.rule == "no-eval")
      #expect(verdict.ruleVersion == 7)
      #expect(verdict.evidence == "recipe.py:2: eval")
      #expect(verdict.reason.contains("recipe.py:2"))
      #expect(verdict.usage.isEmpty)
    }
  }
}

extension Inspection {
  var isClean: Bool {
    if case .clean = self { return true }
    return false
  }
}
