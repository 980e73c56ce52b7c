import ArgumentParser
import AssaySupervisor
import Foundation

struct KeysRotateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rotate",
    abstract: "Give an identity a new key.",
    discussion: """
      The trust files of the folder name the new key at once; the old one is cut off within seconds. Restart the process
      that uses it, with the new key file.
      """)

  @Argument(help: "Such as agent/opt or runner/local.")
  var name: String

  @Option(name: .long, help: "Folder of keys and trust files.")
  var directory: String

  @Flag(name: .long, help: "Print one JSON object a line, with stable keys.")
  var json = false

  func run() throws {
    let member = try KeyRing.rotate(name, in: URL(filePath: directory))
    print(try KeysCommand.line(of: member, json: json))
  }
}
