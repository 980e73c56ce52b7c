import AssayIdentity
import AssayLineage
import AssayPatch
import Foundation

/// A record that is long before the load begins: one earlier run with its trials and their signed verdicts.
enum ScaleRecord {
  /// Fills the record in a folder, unless it has as many trials already.
  static func fill(_ folder: URL, trials: Int, progress: (String) -> Void) async throws {
    let store = try await LineageStore.open(in: folder.path)
    let key = IdentityKey()
    do {
      let stored = try await store.summary(RecordBenchmark.run).trials
      guard stored >= UInt32(trials) else {
        throw BenchmarkFailure(
          "\(folder.path) has a record of \(stored) trials, whose key is gone; remove it, or name another folder"
        )
      }
      return await store.close()
    } catch let error as BenchmarkFailure {
      throw error
    } catch {
      try await RecordBenchmark.register(store, key)
    }
    let tree = try RecipeTree(["recipe.py": Array("x = 1\n".utf8)])
    try await RecordBenchmark.fill(store, 0..<UInt32(trials), tree, key) { number in
      progress("\(number) trials in the record")
    }
    await store.close()
  }
}
