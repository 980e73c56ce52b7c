import AssayAudit
import AssayImport
import AssayTrajectory
import Foundation
import Testing

/// Every number of `expected.json`, from the imported records.
@Suite(.enabled(if: PaperRuns.isThere)) struct PaperRunTests {
  struct Expected: Decodable {
    struct Best: Decodable {
      var exp_id: String
      var score: Double
    }
    struct Step: Decodable, Equatable {
      var id: String
      var score: Double
      init(from decoder: any Decoder) throws {
        var row = try decoder.unkeyedContainer()
        id = try row.decode(String.self)
        score = try row.decode(Double.self)
      }
    }
    var score_field: String
    var lower_is_better: Bool
    var rows: Int
    var trials: Int
    var status: [String: Int]
    var per_specialist: [String: [String: Int]]
    var baseline: Double
    var best: Best
    var best_so_far: [Step]
    var keep_rate: Double
    var improvement_pct: Double
    var mangled_lines: [Int]
    var mangled_exp_ids: [String]
    var unresolved_parents: Int
    var unresolved_after_stripping_exp_prefix: Int
    var job_number_ne_exp_id: Int
    var empty_job_name: Int
    var infra: Int
    var xml_leak_hypothesis: Int
    var xml_leak_notes: Int
    var nonnumeric_expected_delta: [String]
    var test_hypotheses: [String]
    var node_seconds: Double
  }

  struct Totals: Decodable {
    var headline_trials: Int
    var control_trials: Int
    var arch_headline: Int
    var arch_status: [String: Int]
  }

  private func decoded<Value: Decodable>(_ key: String) throws -> Value {
    let url = try #require(PaperRuns.folder).appending(path: "expected.json")
    let all = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    return try JSONDecoder().decode(
      Value.self, from: JSONSerialization.data(withJSONObject: try #require(all[key])))
  }

  @Test(arguments: PaperRuns.names) func everyNumberComesOut(_ name: String) async throws {
    let expected: Expected = try decoded(name)
    let (run, report, place) = try await PaperRuns.imported(name)
    defer { try? FileManager.default.removeItem(at: place) }
    let trials = try await run.all()
    let audit = RunAudit(try await Trajectory(reading: run))
    #expect(report.scoreName == expected.score_field && report.lowerIsBetter == expected.lower_is_better)
    #expect(audit.counts.rows == expected.rows && audit.counts.trials == expected.trials)
    #expect(audit.counts.byLabel == expected.status)
    #expect(audit.counts.bySpecialist == expected.per_specialist)
    #expect(audit.progress.baseline == expected.baseline)
    #expect(
      audit.progress.best?.id == expected.best.exp_id && audit.progress.best?.score == expected.best.score)
    #expect(audit.progress.steps.map(\.id) == expected.best_so_far.map(\.id))
    #expect(audit.progress.steps.map(\.score) == expected.best_so_far.map(\.score))
    #expect(abs(audit.counts.keepRate - expected.keep_rate) < 5e-7)
    #expect(abs((audit.progress.improvementPercent ?? 0) - expected.improvement_pct) < 5e-5)
    let mangled = trials.filter { $0.has(.mangledLine) }
    #expect(mangled.map(\.id) == expected.mangled_exp_ids)
    #expect(mangled.map(\.line) == expected.mangled_lines)
    let unresolved = trials.count { $0.has(.parentUnresolved) }
    #expect(unresolved + trials.count { $0.has(.parentPrefixed) } == expected.unresolved_parents)
    #expect(unresolved == expected.unresolved_after_stripping_exp_prefix)
    #expect(trials.count { $0.has(.jobMismatch) } == expected.job_number_ne_exp_id)
    #expect(trials.count { $0.has(.jobMissing) } == expected.empty_job_name)
    #expect(audit.counts.infrastructure == expected.infra)
    func residue(_ place: String) -> Int {
      trials.count { $0.flags.contains { $0.kind == .toolResidue && $0.detail == place } }
    }
    #expect(residue("hypothesis") == expected.xml_leak_hypothesis)
    #expect(residue("notes") == expected.xml_leak_notes)
    #expect(trials.filter { $0.has(.nonnumericDelta) }.map(\.id) == expected.nonnumeric_expected_delta)
    #expect(trials.filter { $0.has(.placeholderHypothesis) }.map(\.id) == expected.test_hypotheses)
    #expect(abs(audit.cost.nodeSeconds - expected.node_seconds) < 0.01)
    // What the record promises holds: no id twice, no clock turned back, tree.tsv and best.json agree.
    for kind in ["duplicate_id", "clock_reversal", "tree_mismatch", "best_mismatch", "mangled_unrecovered"] {
      #expect(report.flags[kind] == nil)
    }
    let source = try Data(contentsOf: try #require(PaperRuns.folder).appending(path: "\(name)/results.tsv"))
    #expect(try await run.source() == [UInt8](source))
  }

  @Test func totals() async throws {
    let expected: Totals = try decoded("_totals")
    var audits: [RunAudit] = []
    for name in PaperRuns.names {
      let (run, _, place) = try await PaperRuns.imported(name)
      defer { try? FileManager.default.removeItem(at: place) }
      audits.append(RunAudit(try await Trajectory(reading: run), options: .init(published: try .bundled())))
    }
    let headline = AuditTotals(Array(audits.prefix(3)))
    #expect(headline.trials == expected.headline_trials)
    #expect(AuditTotals(Array(audits.suffix(2))).trials == expected.control_trials)
    let arch = try #require(headline.bySpecialist["arch"])
    #expect(arch == expected.arch_status && arch.values.reduce(0, +) == expected.arch_headline)
    // The column that changed its meaning, in the run where it did and nowhere else.
    #expect(audits.map { $0.flags["column_meaning_changed"] } == [1, nil, nil, nil, nil])
    #expect(audits[1].notices.map(\.kind) == [.baselineUngated])
  }
}
