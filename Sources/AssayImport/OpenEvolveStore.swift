import Foundation

/// Reads checkpoints of OpenEvolve: one JSON file a program.
enum OpenEvolveStore {
  private static let largestProgram = 8 << 20

  static func programs(in folder: URL) throws -> [EvolvedProgram] {
    let files = FileManager.default
    guard let place = place(folder) else {
      throw ImportError(
        .notFound,
        "\(folder.path) holds no programs/ and no checkpoints/checkpoint_N/programs/; name the folder that does."
      )
    }
    let names = ((try? files.contentsOfDirectory(atPath: place.path)) ?? []).filter { $0.hasSuffix(".json") }
      .sorted()
    return try names.map { name in
      let url = place.appending(path: name)
      try Task.checkCancellation()
      guard let data = FileReading.contents(of: url, limit: largestProgram) else {
        throw ImportError(
          .malformed,
          "\(url.path) cannot be read, is no plain file or is over 8 MiB; remove it or import another checkpoint."
        )
      }
      guard let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] else {
        throw ImportError(.malformed, "\(url.path) is no JSON object; import another checkpoint.")
      }
      return program(object, name: String(name.dropLast(5)), raw: [UInt8](data))
    }
  }

  /// The folder of programs: here, in the newest checkpoint here, or in the newest one below `checkpoints`.
  private static func place(_ folder: URL) -> URL? {
    let files = FileManager.default
    func has(_ url: URL) -> Bool {
      var isFolder = ObjCBool(false)
      return files.fileExists(atPath: url.path, isDirectory: &isFolder) && isFolder.boolValue
    }
    let direct = folder.appending(path: "programs")
    if has(direct) { return direct }
    for parent in [folder.appending(path: "checkpoints"), folder] {
      let numbers = ((try? files.contentsOfDirectory(atPath: parent.path)) ?? []).compactMap { name in
        name.hasPrefix("checkpoint_") ? Int(name.dropFirst(11)) : nil
      }
      if let newest = numbers.max() {
        let place = parent.appending(path: "checkpoint_\(newest)/programs")
        if has(place) { return place }
      }
    }
    return nil
  }

  private static func program(_ object: [String: Any], name: String, raw: [UInt8]) -> EvolvedProgram {
    let metrics = object["metrics"] as? [String: Any] ?? [:]
    let numbers = metrics.compactMapValues(JSONFields.number)
    // The store's own rule where there is no combined score: the mean of the numeric metrics.
    let mean = numbers.isEmpty ? nil : numbers.values.reduce(0, +) / Double(numbers.count)
    let metadata = object["metadata"] as? [String: Any] ?? [:]
    return EvolvedProgram(
      id: object["id"] as? String ?? name, parent: object["parent_id"] as? String ?? "",
      code: object["code"] as? String ?? "",
      generation: (object["iteration_found"] as? Int) ?? (object["generation"] as? Int) ?? 0,
      timestamp: JSONFields.number(object["timestamp"] as Any) ?? 0, score: numbers["combined_score"] ?? mean,
      isCorrect: nil, changes: metadata["changes"] as? String ?? "",
      island: JSONFields.text(metadata["island"]),
      extra: JSONFields.extra(object, except: ["id", "parent_id", "code", "timestamp", "iteration_found"]),
      raw: raw)
  }
}
