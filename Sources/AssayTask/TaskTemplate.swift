import Foundation

/// The task behind `assay task new NAME`: small, complete and working, in plain Python.
public enum TaskTemplate {
  /// Writes a new task folder called `name` into `parent` and returns its path. All or nothing.
  ///
  /// Throws `invalid` for an unusable name, `exists` where something is in the way, `unwritable` otherwise.
  @discardableResult
  public static func write(name: String, to parent: String) throws(TaskError) -> String {
    guard name.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,62}/) != nil else {
      throw TaskError(
        .invalid, "the name '\(shown(name))' is not usable; use small letters, digits and dashes, at most 63")
    }
    let manager = FileManager.default
    let folder = URL(fileURLWithPath: parent).appendingPathComponent(name).path
    guard (try? manager.attributesOfItem(atPath: folder)) == nil else {
      throw TaskError(.exists, "'\(folder)' exists; choose another name, or remove it first")
    }
    let partial = URL(fileURLWithPath: parent).appendingPathComponent(".\(name).\(UUID().uuidString)").path
    do {
      for (path, text) in files(name: name) {
        let file = URL(fileURLWithPath: partial).appendingPathComponent(path)
        try manager.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      try manager.moveItem(atPath: partial, toPath: folder)
    } catch {
      try? manager.removeItem(atPath: partial)
      throw TaskError(
        .unwritable,
        "cannot write '\(folder)'; check that '\(parent)' is a folder with space that you may write to",
        cause: error)
    }
    return folder
  }

  /// The files of a new task, by path.
  static func files(name: String) -> [String: String] {
    [
      "task.yaml": taskFile(name), "recipe/recipe.py": recipe, "harness/train.py": train,
      "harness/predict.py": predict, "scorer/score.py": scorer, "data/prepare.py": prepare,
      "knowledge/notes.md": notes,
    ]
  }
}
