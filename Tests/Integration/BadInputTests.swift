import AssayRPC
import Foundation
import Glibc
import Testing

/// Mistakes of a person: each ends with the documented status and a remedy, and changes nothing.
@Suite(.serialized, .tags(.slow)) struct BadInputTests {
  private func file(_ text: String) throws -> String {
    let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).patch")
    try Data(text.utf8).write(to: url)
    return url.path
  }

  private func submit(
    _ run: Run, _ patch: String, specialist: String = "opt", parent: String = "0", key: String? = nil
  ) async throws -> Program.Ended {
    try await Program.run(
      "assay",
      [
        "submit", run.task, "--edit", patch, "--specialist", specialist, "--parent", parent, "--hypothesis",
        "h", "--state", run.state, "--json",
      ]
        + (key.map { ["--idempotency-key", $0] } ?? []))
  }

  private func edit(_ from: String, _ to: String) throws -> String {
    try file("--- a/recipe.py\n+++ b/recipe.py\n@@ -55,1 +55,1 @@\n-\(from)\n+\(to)\n")
  }

  @Test func badSubmissionsAreRefused() async throws {
    let run = Run()
    let first = try await submit(run, try edit("EPOCHS = 15", "EPOCHS = 16"), key: "k")
    #expect(first.status == 1 || first.status == 0, "\(first.errors)")
    #expect(first.rows.count == 1)

    func refused(_ ended: Program.Ended, _ status: Int32, _ remedy: String) {
      #expect(ended.status == status, "\(ended.errors)")
      #expect(ended.errors.contains(remedy), "\(ended.errors)")
    }
    refused(
      try await submit(run, try edit("EPOCHS = 15", "EPOCHS = 17"), specialist: "nobody"), 2,
      "It has: model, opt, data")
    refused(try await submit(run, try edit("EPOCHS = 15", "EPOCHS = 17"), parent: "99"), 2, "99")
    refused(try await submit(run, "/nowhere.patch"), 2, "cannot read the patch")
    refused(try await submit(run, try file("")), 2, "empty")
    refused(try await submit(run, try edit("EPOCHS = 15", "EPOCHS = 18"), key: "k"), 3, "key")
    let huge = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).patch").path
    _ = FileManager.default.createFile(atPath: huge, contents: nil)
    #expect(truncate(huge, 100 << 20) == 0)
    refused(try await submit(run, huge), 2, "larger than")

    // Edits that do not apply or leave their place are trials that never ran.
    for patch in [
      try edit("EPOCHS = 99", "EPOCHS = 1"),
      try file("--- a/../evil.py\n+++ b/../evil.py\n@@ -0,0 +1,1 @@\n+x = 1\n"),
      try file("diff --git a/recipe.py b/recipe.py\nGIT binary patch\nliteral 3\nKcmZQzU|?i`00961\n"),
    ] {
      let ended = try await submit(run, patch)
      #expect(ended.status == 1 || ended.status == 2, "\(ended.errors)")
      if ended.status == 1 { #expect(ended.rows.last?["label"] as? String == "preflight_crash") }
    }
    // The same key with the same body is the same trial.
    let again = try await submit(run, try edit("EPOCHS = 15", "EPOCHS = 16"), key: "k")
    #expect(again.rows.first?["trial"] as? Int == first.rows.first?["trial"] as? Int)
  }

  @Test func foldersAreNotMixedUp() async throws {
    let run = Run()
    let running = try run.start("--trials", "200")
    #expect(await running.output { !$0.isEmpty })
    let second = try await run.start("--trials", "5").ended()
    #expect(second.status == 3)
    #expect(second.errors.contains("another assay is running"))
    running.signal(SIGINT)
    #expect(try await running.ended().status == 130)

    try "999\n".write(toFile: run.state + "/version", atomically: true, encoding: .utf8)
    let newer = try await run.start("--trials", "5").ended()
    #expect(newer.status == 3)
    #expect(newer.errors.contains("newer Assay"))

    let foreign = Run()
    try FileManager.default.createDirectory(atPath: foreign.state, withIntermediateDirectories: true)
    try "x".write(toFile: foreign.state + "/mine.txt", atomically: true, encoding: .utf8)
    #expect(try await foreign.start("--trials", "5").ended().status == 3)
    #expect(try FileManager.default.contentsOfDirectory(atPath: foreign.state) == ["mine.txt"])
  }

  @Test func brokenTasksAreExplained() async throws {
    let parent = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    let folder = parent.appending(path: "mine").path
    #expect(try await Program.assay("task", "new", folder).status == 0)
    #expect(try await Program.assay("task", "check", folder).status == 0)
    #expect(try await Program.assay("task", "new", folder).status == 2)
    let text = try String(contentsOfFile: folder + "/task.yaml", encoding: .utf8)
    try text.replacing("metric:", with: "metrc:").write(
      toFile: folder + "/task.yaml", atomically: true, encoding: .utf8)
    let check = try await Program.assay("task", "check", folder)
    #expect(check.status == 1)
    #expect(check.output.contains("metrc"))
    #expect(try await Program.assay("run", folder, "--state", folder + "-state").status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder + "-state/run.json"))
    #expect(try await Program.assay("run", "no-such-task").status == 2)
    #expect(try await Program.assay("bogus").status == 2)
    #expect(try await Program.assay("--help").status == 0)
  }

  @Test(
    "a baseline that crashes ends the run, and what it printed is in the record when the services are gone")
  func crashingBaseline() async throws {
    let task = try TaskCopy.make([
      .init("harness/train.py", "import recipe  # noqa: E402\n", "raise SystemExit('no such optimiser')\n")
    ])
    let state = FileManager.default.temporaryDirectory.appending(path: "assay-crash-\(UUID().uuidString)")
      .path
    defer { for path in [task, state] { try? FileManager.default.removeItem(atPath: path) } }
    let ended = try await Program.assay("run", task, "--trials", "2", "--state", state)
    #expect(ended.status == 1 && ended.errors.contains("`assay show 0`"), "\(ended.errors)")
    let shown = try await Program.assay("show", "0", "--state", state)
    #expect(shown.output.contains("baseline  crash"), "\(shown.output)")
    #expect(shown.output.contains("no such optimiser"), "\(shown.output)")
  }

  @Test func anAddressThatIsTakenIsLeftAlone() async throws {
    let place = try await LineageProcess.start()
    defer { place.remove() }
    // Answered only when the first one listens: else the second could be first.
    try await place.register("r")
    let second = try await Program.run("assay-lineage", place.arguments(state: place.folder + "/other"))
    #expect(second.status == 3)
    #expect(second.errors.contains("is taken by another process; stop it"), "\(second.errors)")
    // The first one goes on.
    try await place.register("s")
    #expect(try await place.stop() == 0)
  }

  @Test(
    "a full disk refuses what it cannot keep, loses nothing, and is written to again once there is room",
    .enabled(if: geteuid() == 0, "a small file system needs a mount of root's"))
  func fullDisk() async throws {
    let place = try await LineageProcess.start(megabytes: 3)
    defer { place.remove() }
    try await place.register("r")
    let text = String(repeating: "lesson ", count: 130)
    var acknowledged = 0
    var refusal: RPCError?
    while refusal == nil, acknowledged < 10_000 {
      do {
        try await place.append("\(acknowledged) \(text)", to: "r")
        acknowledged += 1
      } catch let error as RPCError {
        refusal = error
      }
    }
    #expect(
      refusal?.code == .resourceExhausted && refusal?.reason == "DISK_FULL", "\(String(describing: refusal))")
    #expect(refusal?.message.contains("free some space") == true, "\(refusal?.message ?? "")")
    #expect(acknowledged > 10)
    #expect(try await place.lessons(of: "r") == acknowledged)
    try await place.grow(megabytes: 30)
    for number in 0..<10 { try await place.append("again \(number)", to: "r") }
    #expect(try await place.lessons(of: "r") == acknowledged + 10)
    #expect(try await place.stop() == 0)
  }

  @Test(.enabled(if: geteuid() == 0, "hiding bubblewrap needs a mount namespace of root's"))
  func withoutBubblewrapNothingRuns() async throws {
    let run = Run()
    let script =
      "mount --bind /dev/null /usr/bin/bwrap && exec \(Program.folder.path)/assay run tiny-regression --state \(run.state)"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/unshare")
    process.arguments = ["-m", "/bin/sh", "-c", script]
    process.currentDirectoryURL = Program.repository
    process.environment = ["PATH": "/usr/bin:/bin", "ASSAY_PREPARED": Program.prepared.path, "HOME": "/tmp"]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: (try errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 3)
    #expect(text.contains("apt-get install bubblewrap"), "\(text)")
  }
}
