public import AssayTrajectory
public import Foundation

/// Writes a run as a folder of tables that any data tool reads: `trials.csv`, `trials.jsonl`, `flags.csv`, `run.json`.
public enum TableExport {
  public static func write(_ record: any RunRecord, to folder: URL) async throws {
    try ExportPlace.folder(folder)
    let csv = try FileWriter(folder.appending(path: "trials.csv"))
    let lines = try FileWriter(folder.appending(path: "trials.jsonl"))
    let flags = try FileWriter(folder.appending(path: "flags.csv"))
    try csv.write(TableColumns.names.joined(separator: ",") + "\n")
    try flags.write("position,kind,line,detail\n")
    func add(_ flag: RecordFlag, _ position: Int?) throws {
      let cells = [
        position.map(String.init) ?? "", flag.kind.rawValue, flag.line.map(String.init) ?? "",
        quoted(flag.detail),
      ]
      try flags.write(cells.joined(separator: ",") + "\n")
    }
    let run = try await record.run()
    for notice in run.notices { try add(notice, nil) }
    try await record.forEachTrial { trial in
      let values = TableColumns.columns.map { ($0.name, $0.value(trial)) }
      try csv.write(values.map { quoted($1.csv) }.joined(separator: ",") + "\n")
      // `extra` is an object here, not a text with one in it.
      try lines.write(
        "{"
          + values.map { name, value in
            "\(ReferenceText.json(name)): \(name == "extra" ? value.csv : value.json)"
          }.joined(separator: ", ") + "}\n")
      for flag in trial.flags { try add(flag, trial.position) }
    }
    for file in [csv, lines, flags] { try file.close() }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try encoder.encode(run).write(to: folder.appending(path: "run.json"))
  }

  private static func quoted(_ text: String) -> String {
    let special: Set<UInt8> = [10, 13, UInt8(ascii: ","), UInt8(ascii: "\"")]
    return text.utf8.contains(where: special.contains)
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
