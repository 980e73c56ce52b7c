import Foundation
import Glibc
import Testing

/// Copies of a run that goes on, and runs that go on from copies.
@Suite(.serialized, .tags(.slow), .timeLimit(.minutes(8))) struct BackupTests {
  @Test func backupTakenUnderLoadRestoresToAVerifiedRecordAndGoesOn() async throws {
    let run = Run()
    let backup = run.state + "-backup"
    let running = try run.start("--trials", "24", "--max-time", "5m")
    #expect(await running.output { $0.split(separator: "\n").count >= 6 })
    let made = try await run.ask("backup", "--out", backup)
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.rows.compactMap { $0["service"] as? String } == ["lineage", "evaluator"])
    // The folder is taken now.
    #expect(try await run.ask("backup", "--out", backup).status == 2)
    let ended = try await running.ended()
    #expect(ended.status == 0, "the run went on: \(ended.errors)")
    let original = try await run.trials()

    var restored = Run()
    restored.state = run.state + "-restored"
    let back = try await Program.assay("restore", backup, "--state", restored.state)
    #expect(back.status == 0, "\(back.errors)")
    let recorded = try await restored.trials().filter { $0["label"] as? String != "in_flight" }
    #expect(recorded.count >= 2)
    for trial in recorded {
      let number = try #require(trial["trial"] as? Int)
      let same = try #require(original.first { $0["trial"] as? Int == number })
      #expect(trial["label"] as? String == same["label"] as? String)
      #expect(trial["score"] as? String == same["score"] as? String)
    }
    // It goes on from there, and both records prove themselves.
    let second = try await restored.start("--trials", "24", "--max-time", "5m").ended()
    #expect(second.status == 0, "\(second.errors)")
    #expect(try await restored.trials().compactMap { $0["trial"] as? Int } == Array(0...24))
    for state in [run.state, restored.state] {
      let proofs = state + "-proofs"
      #expect(try await Program.assay("export", "--proofs", proofs, "--state", state).status == 0)
      let verified = try await Program.assay("verify", proofs)
      #expect(verified.status == 0, "\(verified.output) \(verified.errors)")
    }

    // A stopped run is copied as well; what was changed afterwards is found, and then nothing is restored.
    let stopped = run.state + "-stopped"
    #expect(try await run.ask("backup", "--out", stopped).status == 0)
    let database = stopped + "/lineage/lineage.sqlite"
    var content = try #require(FileManager.default.contents(atPath: database))
    content[content.count / 2] ^= 1
    try content.write(to: URL(filePath: database))
    let refused = try await Program.assay("restore", stopped, "--state", run.state + "-damaged")
    #expect(refused.status == 4, "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: run.state + "-damaged"))
    #expect(try await Program.assay("restore", backup, "--state", restored.state).status == 3)
  }
}
