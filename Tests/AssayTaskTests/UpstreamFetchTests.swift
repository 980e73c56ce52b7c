import AssayProcess
import Foundation
import Testing

@testable import AssayTask

/// Somebody else's code as a baseline: a real git repository, fetched by its commit.
@Suite struct UpstreamFetchTests {
  /// A repository with one file, and a task whose recipe it is.
  private struct Site {
    let sample: SampleTask
    let repository: String
    let commit: String

    init(anchor: String = "def model", digest: String? = nil) async throws {
      sample = try SampleTask()
      repository = sample.folder.path + "/repository"
      try FileManager.default.createDirectory(atPath: repository, withIntermediateDirectories: true)
      try Data("A = 1\r\n\r\ndef model(x):\r\n    return x\r\n".utf8).write(
        to: URL(fileURLWithPath: repository + "/net.py"))
      _ = try await Self.git(repository, ["init", "-q"])
      _ = try await Self.git(repository, ["add", "."])
      _ = try await Self.git(
        repository, ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "one"])
      commit = try await Self.git(repository, ["rev-parse", "HEAD"])
      let head = try sample.read("task.yaml")
      let recipe = try #require(head.firstMatch(of: /recipe: \{files: \[recipe.py\],/)).output
      try sample.write(
        "task.yaml",
        head.replacing(recipe, with: "recipe: {from: [recipe, upstream], files: [recipe.py, net.py],") + """

          upstream:
            url: file://\(repository)
            commit: "\(commit)"
            files: [{path: net.py, \(digest.map { "sha256: \"\($0)\", " } ?? "")sections: {network: "\(anchor)"}}]

          """)
      try sample.replace(
        "edits: [{file: recipe.py, sections: [model]}]",
        "edits: [{file: recipe.py, sections: [model]}, {file: net.py, sections: [network]}]")
    }

    static func git(_ folder: String, _ arguments: [String]) async throws -> String {
      let outcome = try await ChildProcess.run(
        ["/usr/bin/git", "-C", folder] + arguments, environment: ["HOME": folder])
      #expect(outcome.status == 0, "\(outcome.tail)")
      return outcome.tail.last ?? ""
    }

    func fetch(program: String = "/usr/bin/git") async throws(TaskError) -> Bool {
      guard let fetch = try UpstreamFetch(TaskReference(sample.path), program: program) else { return false }
      return try await fetch.run()
    }

    var isFetched: Bool { FileManager.default.fileExists(atPath: sample.path + "/upstream") }
  }

  @Test func filesAreFetchedOnceAndHaveSections() async throws {
    let site = try await Site()
    let before = try site.sample.check()
    #expect(before.map(\.severity) == [.warning], "\(before)")
    #expect(before.first?.remedy.contains("assay task prepare") == true)
    let error = try #require(throws: TaskError.self) { try ResearchTask.load(directory: site.sample.path) }
    #expect(error.code == .notPrepared)
    #expect(error.message.contains("run 'assay task prepare \(site.sample.path)' first"))

    #expect(try await site.fetch())
    let task = try ResearchTask.load(directory: site.sample.path)
    #expect(task.warnings.isEmpty)
    #expect(
      task.baseline["net.py"].map { String(decoding: $0, as: UTF8.self) }
        == "A = 1\n\n# --- section: network ---\ndef model(x):\n    return x\n")
    #expect(task.file.partition("model")?.scope.files["net.py"] == .sections(["network"]))
    #expect(try await site.fetch() == false, "what is here is not fetched again")
  }

  @Test func changedFilesAreFoundAndFetchedAgain() async throws {
    let site = try await Site()
    _ = try await site.fetch()
    try site.sample.write("upstream/net.py", "# --- section: network ---\nx = 2\n")
    let error = try #require(throws: TaskError.self) { try ResearchTask.load(directory: site.sample.path) }
    #expect(error.diagnostics.map(\.message) == ["it was changed after it was fetched"])
    #expect(try await site.fetch())
    _ = try ResearchTask.load(directory: site.sample.path)
  }

  @Test func anotherDigestIsRefused() async throws {
    let site = try await Site(digest: String(repeating: "0", count: 64))
    let error = try await #require(throws: TaskError.self) { try await site.fetch() }
    #expect(error.code == .upstreamChanged)
    #expect(error.message.contains("expected 0000"))
    #expect(!site.isFetched)
  }

  @Test func aMissingAnchorIsRefused() async throws {
    let site = try await Site(anchor: "class Model")
    let error = try await #require(throws: TaskError.self) { try await site.fetch() }
    #expect(error.code == .upstreamChanged)
    #expect(error.message.contains("no line of the upstream file 'net.py' begins with 'class Model'"))
    #expect(!site.isFetched)
  }

  @Test func aCommitThatIsNotThereIsRefused() async throws {
    let site = try await Site()
    try site.sample.replace(site.commit, String(repeating: "a", count: 40))
    let error = try await #require(throws: TaskError.self) { try await site.fetch() }
    #expect(error.code == .upstreamFailed)
    #expect(error.message.contains("check the network"))
    #expect(!site.isFetched)
    let left = try FileManager.default.contentsOfDirectory(atPath: site.sample.path)
    #expect(!left.contains { $0.hasPrefix(".upstream") })
  }

  @Test func gitMayBeMissing() async throws {
    let site = try await Site()
    let error = try await #require(throws: TaskError.self) {
      try await site.fetch(program: "/nonexistent/git")
    }
    #expect(error.code == .missingProgram)
    #expect(error.message.contains("apt-get install git"))
  }

  @Test func aBranchIsNoCommit() async throws {
    let site = try await Site()
    try site.sample.replace(site.commit, "main")
    #expect(try site.sample.check().contains { $0.message == "'upstream.commit' is no whole commit name" })
  }
}
