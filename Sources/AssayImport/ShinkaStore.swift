import Foundation
import GRDB

/// Reads databases of ShinkaEvolve: the table `programs`, whatever columns it has beside the ones that are needed.
enum ShinkaStore {
  static func programs(in source: URL) throws -> [EvolvedProgram] {
    let file = try file(source)
    guard FileReading.isPlainFile(file) else {
      throw ImportError(.malformed, "\(file.path) is no plain file; name the database itself.")
    }
    var configuration = Configuration()
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: file.path, configuration: configuration)
      return try queue.read { database in
        guard try database.tableExists("programs") else {
          throw ImportError(
            .malformed, "\(file.path) has no table 'programs': it is no database of ShinkaEvolve.")
        }
        return try Row.fetchAll(database, sql: "SELECT * FROM programs").map(program)
      }
    } catch let error as DatabaseError {
      throw ImportError(.malformed, "\(file.path) cannot be read as SQLite (\(error.message ?? "damaged")).")
    }
  }

  private static func file(_ source: URL) throws -> URL {
    var isFolder = ObjCBool(false)
    let files = FileManager.default
    guard files.fileExists(atPath: source.path, isDirectory: &isFolder) else {
      throw ImportError(.notFound, "\(source.path) is not there.")
    }
    guard isFolder.boolValue else { return source }
    let found = ((try? files.contentsOfDirectory(atPath: source.path)) ?? []).filter {
      $0.hasSuffix(".sqlite") || $0.hasSuffix(".db")
    }
    guard found.count == 1, let name = found.first else {
      throw ImportError(.notFound, "\(source.path) holds \(found.count) databases; name the file itself.")
    }
    return source.appending(path: name)
  }

  private static func program(_ row: Row) throws -> EvolvedProgram {
    var object: [String: Any] = [:]
    for (name, value) in row {
      switch value.storage {
      case .string(let text): object[name] = text
      case .int64(let number): object[name] = number
      case .double(let number) where number.isFinite: object[name] = number
      default: continue
      }
    }
    let correct = (object["correct"] as? Int64).map { $0 != 0 }
    return EvolvedProgram(
      id: object["id"] as? String ?? "", parent: object["parent_id"] as? String ?? "",
      code: object["code"] as? String ?? "", generation: Int(object["generation"] as? Int64 ?? 0),
      timestamp: object["timestamp"] as? Double ?? 0,
      score: object["combined_score"] as? Double ?? (object["combined_score"] as? Int64).map(Double.init),
      isCorrect: correct, changes: object["text_feedback"] as? String ?? "",
      island: JSONFields.text(object["island_idx"]),
      extra: JSONFields.extra(
        object, except: ["id", "parent_id", "code", "timestamp", "text_feedback", "embedding"]),
      raw: [UInt8](try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)))
  }
}
