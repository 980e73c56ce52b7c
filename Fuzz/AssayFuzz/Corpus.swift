import Foundation

/// The committed seeds: a folder a surface, a file a seed.
struct Corpus {
  let folder: URL

  static let standard = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Corpus")

  func seeds(of surface: String) throws -> [[UInt8]] {
    let place = folder.appending(path: surface)
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path).sorted()
    return try names.map { [UInt8](try Data(contentsOf: place.appending(path: $0))) }
  }
}
