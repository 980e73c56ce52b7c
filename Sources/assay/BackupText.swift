import AssaySupervisor

/// Parts of a backup as people and programs read them.
enum BackupText {
  static func print(_ parts: [Backup.Part], json: Bool) throws {
    for part in parts {
      Swift.print(
        json
          ? try JSONLine.encode(part)
          : "\(part.service): \(part.files) files, \(part.bytes / 1000) kB in \(part.folder)")
    }
  }
}
