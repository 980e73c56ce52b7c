import AssayAudit
import AssayExport
import AssayImport
import AssayTrajectory
import Foundation
import GRDB
import Testing

@Suite struct ExportTests {
  @Test func tablesComeBackAsTheyWere() async throws {
    try await withFolder { folder in
      let place = folder.appending(path: "tables")
      try await TableExport.write(SampleRecord.small, to: place)
      // Python's csv module knows nothing of this project.
      let script = """
        import csv, json, sys
        rows = list(csv.DictReader(open(sys.argv[1] + '/trials.csv', newline='')))
        lines = [json.loads(line) for line in open(sys.argv[1] + '/trials.jsonl')]
        assert [r['id'] for r in rows] == ['0', '1', '2', '3', '4'] == [l['id'] for l in lines]
        assert rows[1]['hypothesis'] == lines[1]['hypothesis'] == sys.argv[2], rows[1]
        assert [l['parent'] for l in lines] == [None, 0, 0, 1, 3] and lines[2]['score'] is None and lines[1]['score'] == 1.9
        assert lines[0]['extra'] == {} and list(rows[0]) == sys.argv[3].split(',')
        assert json.load(open(sys.argv[1] + '/run.json'))['provenance'] == 'recipe-claimed'
        """
      #expect(
        try python([script, place.path, SampleRecord.hostile, TableColumns.names.joined(separator: ",")]) == 0
      )
      await #expect(throws: ExportError.self) { try await TableExport.write(SampleRecord.small, to: place) }
    }
  }

  private func python(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c"] + arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func theSnapshotHasItsViews() async throws {
    try await withFolder { folder in
      let file = folder.appending(path: "run.sqlite")
      try await SnapshotExport.write(SampleRecord.small, to: file)
      let queue = try DatabaseQueue(path: file.path)
      func texts(_ sql: String) async throws -> [String] {
        try await queue.read { try String.fetchAll($0, sql: sql) }
      }
      #expect(try await texts("SELECT id FROM kept ORDER BY position") == ["1", "3"])
      #expect(try await texts("SELECT id FROM leaderboard") == ["3", "1", "0"])
      #expect(
        try await texts("SELECT CAST(best AS TEXT) FROM best_so_far ORDER BY position") == [
          "2.0", "1.9", "1.8",
        ])
      #expect(
        try await texts("SELECT CAST(node_seconds AS TEXT) FROM best_so_far ORDER BY position") == [
          "10.0", "20.0", "40.0",
        ])
      #expect(try await texts("SELECT CAST(trials AS TEXT) FROM label_counts WHERE label = 'keep'") == ["2"])
      #expect(try await texts("SELECT hypothesis FROM trials WHERE id = '1'") == [SampleRecord.hostile])
      #expect(try await texts("SELECT value FROM run WHERE name = 'provenance'") == ["recipe-claimed"])
      await #expect(throws: ExportError.self) { try await SnapshotExport.write(SampleRecord.small, to: file) }
    }
  }

  /// A record that changes while it is read is read again.
  @Test func theSnapshotIsOfOneMoment() async throws {
    final class Growing: RunRecord, @unchecked Sendable {
      var readings = 0
      let last: UInt64
      init(until last: UInt64) { self.last = last }
      func run() async throws -> RecordedRun { SampleRecord.small.metadata }
      func trials(from position: Int, limit: Int) async throws -> [RecordedTrial] {
        try await SampleRecord.small.trials(from: position, limit: limit)
      }
      func recipe(of position: Int) async throws -> [String: [UInt8]]? { nil }
      func sequence() async throws -> UInt64 {
        readings += 1
        return min(UInt64(readings), last)
      }
    }
    try await withFolder { folder in
      let settles = Growing(until: 4)
      try await SnapshotExport.write(settles, to: folder.appending(path: "a.sqlite"))
      #expect(settles.readings == 6)
      await #expect(throws: ExportError.self) {
        try await SnapshotExport.write(Growing(until: .max), to: folder.appending(path: "b.sqlite"))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.sqlite"])
    }
  }

  /// Read back by the format's own rules: lengths, checksums, then fields.
  @Test func tensorBoardsFileIsWhole() async throws {
    try await withFolder { folder in
      let place = folder.appending(path: "logs")
      try await TensorBoardExport.write(SampleRecord.small, to: place)
      let script = #"""
        import struct, sys, glob
        def crc(data):
            table = []
            for n in range(256):
                for _ in range(8): n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1
                table.append(n)
            c = 0xFFFFFFFF
            for b in data: c = (c >> 8) ^ table[(c ^ b) & 255]
            c ^= 0xFFFFFFFF
            return (((c >> 15) | (c << 17)) + 0xA282EAD8) & 0xFFFFFFFF
        # RFC 3720: 32 bytes of zeros have the checksum 8A9136AA.
        assert crc(bytes(32)) == ((((0x8A9136AA >> 15) | (0x8A9136AA << 17)) + 0xA282EAD8) & 0xFFFFFFFF)
        data = open(glob.glob(sys.argv[1] + '/events.out.tfevents.*')[0], 'rb').read()
        events, at = [], 0
        while at < len(data):
            length, = struct.unpack_from('<Q', data, at)
            assert struct.unpack_from('<I', data, at + 8)[0] == crc(data[at:at + 8])
            body = data[at + 12:at + 12 + length]
            assert struct.unpack_from('<I', data, at + 12 + length)[0] == crc(body)
            events.append(body); at += 16 + length
        assert len(events) == 6 and events[0].endswith(b'brain.Event:2')
        assert b'score/best_so_far\x15' + struct.pack('<f', 1.8) in events[4]
        assert b'score/loss\x15' + struct.pack('<f', 1.95) in events[5] and b'labels/discard' in events[5]
        """#
      #expect(try python([script, place.path]) == 0)
    }
  }

  @Test func theKeptLineageIsAStreamForGit() async throws {
    var record = SampleRecord.small
    for position in [0, 1, 3] { record.recipes[position] = ["train.py": Array("RATE = \(position)\n".utf8)] }
    let stream = String(
      decoding: try await LineageBranch.stream(record, path: [0, 1, 3], branch: "x"), as: UTF8.self)
    #expect(stream.components(separatedBy: "commit refs/heads/x").count == 4)
    #expect(stream.contains("Verdict: keep\nScore: 1.8 loss") && !stream.contains("\u{1B}"))
    record.recipes[1] = nil
    let error = await #expect(throws: ExportError.self) {
      _ = try await LineageBranch.stream(record, path: [0, 1, 3], branch: "x")
    }
    #expect(error?.code == .nothingToExport)
    record.recipes[1] = ["../.git/hooks/post-checkout": [1]]
    await #expect(throws: ExportError.self) {
      _ = try await LineageBranch.stream(record, path: [0, 1], branch: "x")
    }
  }

  @Test func aTreeOfAnyShapeIsWritten() async throws {
    // A cycle, a chain of ten thousand, ids beyond 999 as texts, and a row that a tab would forge.
    var rows = [SampleRecord.trial(0, "baseline", "2.0")]
    for number in 1...10_000 { rows.append(SampleRecord.trial(number, "discard", "2.1", parent: number - 1)) }
    rows.append(SampleRecord.trial(10_001, "discard", "2.1", parent: 10_002))
    rows.append(
      SampleRecord.trial(10_002, "discard", "2.1", parent: 10_001, hypothesis: "x\n777\t0\t1\tkeep"))
    let views = try await ReferenceViews(reading: SampleRecord(rows: rows))
    var text = ""
    views.tree { text += $0 }
    let lines = text.split(separator: "\n")
    #expect(lines.count == 10_004)
    #expect(lines.allSatisfy { $0.split(separator: "\t", omittingEmptySubsequences: false).count == 9 })
    #expect(text.utf8.count < 80_000_000)
  }

  @Test func agentsMarkupIsTextInAReport() {
    var rows = SampleRecord.small.rows
    rows[2].label = "<img src=x onerror=alert(1)>|[x](javascript:y)\u{1B}[2J"
    let trajectory = Trajectory(run: SampleRecord.small.metadata, trials: rows.map { TrialFacts($0) })
    let text = MarkdownReport.text(of: RunAudit(trajectory))
    #expect(!text.contains("<img") && !text.contains("x](javascript") && !text.contains("\u{1B}"))
    #expect(text.contains("&lt;img src=x onerror=alert(1)&gt;\\|\\[x\\]"))
    #expect(text.contains("**Imported and unsigned**"))
  }
}
