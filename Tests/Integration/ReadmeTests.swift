import AssayPatch
import Foundation
import Glibc
import Testing

/// Every command of the README is typed here, or is named with what types it instead.
@Suite(.tags(.slow), .timeLimit(.minutes(5))) struct ReadmeTests {
  /// How a command is typed in a test.
  private enum Way {
    /// As it stands, but for words that the reader has to replace.
    case typed([(String, String)] = [])
    /// It stays until it is interrupted, after it has printed this.
    case interrupted(until: String)
    /// CI, or another suite, runs it.
    case elsewhere(String)
  }

  /// By the beginning of the command; the first that fits counts.
  private static let ways: [(String, Way)] = [
    ("make demo", .elsewhere(".ci/run")),
    ("make test", .elsewhere(".ci/run")),
    ("assay run golf-mini --trials", .elsewhere("this suite's own run, of a smaller task")),
    (
      "assay run golf-mini --agents agents.yaml --dry-run",
      .typed([("golf-mini", "tiny-regression"), ("--dry-run", "--dry-run --state dry")])
    ),
    ("assay run golf-mini --agents", .elsewhere("AgentProgramsTests")),
    ("assay show 17", .typed([("17", "1")])),
    ("assay revoke 17", .typed([("17", "1")])),
    ("assay dashboard", .interrupted(until: "http://")),
    ("assay import autoresearch DIR", .typed([("DIR", "theirs-board")])),
    ("assay task audit my-task", .typed([("my-task", "tiny-regression")])),
    ("assay compare mine theirs", .typed([("mine", "tiny-regression")])),
    ("assay experiment examples/experiments/arms.yaml", .elsewhere("ExperimentTests")),
    (
      "assay submit golf-mini --edit my.patch",
      .typed([
        ("golf-mini", "tiny-regression"), ("my.patch", "my.patch --parent 0"),
        ("--specialist opt", "--specialist data"),
      ])
    ),
    ("assay run their-task", .elsewhere("PythonSDKTests")),
    ("compose/images.sh", .elsewhere("ContainerTests")),
    ("docker compose", .elsewhere("ContainerTests")),
    ("assay ", .typed()),
  ]

  /// The lines of the README's shell blocks, without comments.
  private static func commands() throws -> [String] {
    let text = try String(contentsOf: Program.repository.appending(path: "README.md"), encoding: .utf8)
    var commands: [String] = []
    var inside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        inside = line == "```sh"
      } else if inside {
        let command = line.prefix { $0 != "#" }
        if !command.allSatisfy(\.isWhitespace) {
          commands.append(command.trimmingCharacters(in: .whitespaces))
        }
      }
    }
    return commands
  }

  /// A folder like that of a person who reads the README.
  private struct Desk {
    let folder = FileManager.default.temporaryDirectory.appending(path: "assay-readme-\(UUID().uuidString)")
      .path

    init() throws {
      let files = FileManager.default
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try files.createSymbolicLink(
        atPath: folder + "/tasks", withDestinationPath: Program.repository.appending(path: "tasks").path)
      try
        "assay_agents: 1\ndefaults: {proposer: llm, api: openai, model: m, base_url: \"http://127.0.0.1:9/v1\"}\n"
        .write(toFile: folder + "/agents.yaml", atomically: true, encoding: .utf8)
    }

    /// Starts what somebody types.
    func type(_ command: String) throws -> Running {
      try Running(
        "/bin/bash",
        ["-c", "cd '\(folder)' && export PATH='\(Program.folder.path)':$PATH && exec \(command)"])
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  @Test("the commands of the README do what they say") func commandsWork() async throws {
    let commands = try Self.commands()
    #expect(commands.count > 30, "the README's commands are not found")
    let script = try String(contentsOf: Program.repository.appending(path: ".ci/run"), encoding: .utf8)
    let desk = try Desk()
    defer { desk.remove() }
    let recipe = Program.repository.appending(path: "tasks/tiny-regression/recipe/recipe.py")
    let text = try String(contentsOf: recipe, encoding: .utf8)
    let diff = try UnifiedDiff.make(
      from: RecipeTree(["recipe.py": Array(text.utf8)]),
      to: RecipeTree(["recipe.py": Array(text.replacing("BATCH = 16", with: "BATCH = 11").utf8)]))
    try Data(diff.bytes).write(to: URL(filePath: desk.folder + "/my.patch"))
    let made = try await desk.type("assay keys init --directory others/keys --specialists opt").ended().output
    let key = made.split(separator: "\n").first { $0.hasPrefix("evaluator\t") }?.split(separator: "\t").last

    let running = try desk.type("assay run tiny-regression --trials 400 --max-time 4m")
    #expect(await running.output { $0.split(separator: "\n").count > 10 })
    let board = try await desk.type("assay export --reference theirs-board").ended()
    #expect(board.status == 0, "\(board.errors)")

    for command in commands {
      guard let way = Self.ways.first(where: { command.hasPrefix($0.0) })?.1 else {
        Issue.record("nothing types the README's '\(command)'; give it a way in this suite")
        continue
      }
      switch way {
      case .elsewhere(let place):
        if place == ".ci/run" { #expect(script.contains(command), "\(command)") }
      case .interrupted(let sign):
        let stays = try desk.type(command)
        #expect(await stays.output { $0.contains(sign) }, "\(command)")
        stays.signal(SIGINT)
        #expect(try await stays.ended().status == 0, "\(command)")
      case .typed(let replacements):
        let words = replacements.reduce(command) { $0.replacing($1.0, with: $1.1) }
          .replacing("assay-ed25519:...", with: String(try #require(key)))
        let ended = try await desk.type(words).ended()
        // A trial that is not kept, and an audit with doubts, are answers too.
        let fine: Set<Int32> = command.hasPrefix("assay submit") ? [0, 1] : [0]
        #expect(fine.contains(ended.status), "\(words): \(ended.errors.suffix(600))")
      }
    }
    let stopped = try await desk.type("assay stop").ended()
    #expect(stopped.status == 0, "\(stopped.errors)")
    let ended = try await running.ended()
    #expect(ended.status == 0, "\(ended.errors.suffix(600))")
    #expect(ended.output.contains("re-scored"))
  }
}
