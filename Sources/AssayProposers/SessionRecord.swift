import AssayAgent
import AssayModel
import AssayReflection
import Crypto
import Foundation

/// Keeps the transcripts of sessions: a line an event while a session lasts, a file named after its SHA-256 afterwards.
///
/// A line is on the disk before what it tells of is acted on, so a session that was killed can be read up to there.
public struct SessionStore: Sendable {
  private let folder: URL
  private let secrets: [Secret]

  /// - Parameter secrets: replaced wherever they occur.
  public init(folder: URL, secrets: [Secret]) throws(AgentError) {
    self.folder = folder
    self.secrets = secrets
    do {
      for part in ["open", "sha256"] {
        try FileManager.default.createDirectory(
          at: folder.appending(path: part), withIntermediateDirectories: true,
          attributes: [.posixPermissions: 0o700])
      }
    } catch {
      throw AgentError(.badState, "cannot make the folder \(folder.path) for transcripts", cause: error)
    }
  }

  /// Begins a transcript.
  func begin(_ session: String, _ facts: [String: JSONValue]) throws(AgentError) -> SessionTranscript {
    let name = session.replacing("/", with: "_")
    let transcript = SessionTranscript(
      path: folder.appending(path: "open/\(name).jsonl").path, session: session, secrets: secrets)
    try transcript.add("session", facts)
    return transcript
  }

  /// Moves a transcript to its place and notes it in the index. Returns its SHA-256.
  @discardableResult func end(
    _ transcript: SessionTranscript, _ facts: [String: JSONValue]
  ) throws(AgentError) -> String {
    try transcript.add("end", facts)
    return try file(transcript.path, transcript.session, facts)
  }

  /// The lines of the index that can be read, oldest first.
  func entries() -> [JSONValue] {
    let bytes = FileManager.default.contents(atPath: folder.appending(path: "sessions.jsonl").path) ?? Data()
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: $0) }
  }

  /// Files what sessions left that were killed.
  public func fileLeftovers() throws(AgentError) {
    let open = folder.appending(path: "open")
    for name in (try? FileManager.default.contentsOfDirectory(atPath: open.path))?.sorted() ?? [] {
      let session = name.replacing("_", with: "/").replacing(".jsonl", with: "")
      try file(open.appending(path: name).path, session, ["outcome": "killed"])
    }
  }

  @discardableResult private func file(
    _ path: String, _ session: String, _ facts: [String: JSONValue]
  ) throws(AgentError) -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw AgentError(.badState, "the transcript \(path) is gone")
    }
    let digest = SHA256.hash(data: bytes).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
    let place = folder.appending(path: "sha256/\(digest)").path
    do {
      let line = JSONValue.object(
        facts.merging(["session": .string(session), "transcript": .string("sha256:" + digest)]) { $1 })
      try FileManager.default.moveOver(path, place)
      try DurableFile.append(
        Array((redact(line.canonicalText) + "\n").utf8), to: folder.appending(path: "sessions.jsonl").path)
    } catch {
      throw AgentError(
        .badState, "the transcript cannot be kept in \(folder.path); make room there", cause: error)
    }
    return digest
  }

  private func redact(_ text: String) -> String { secrets.reduce(text) { $1.redacting($0) } }
}

extension FileManager {
  fileprivate func moveOver(_ from: String, _ to: String) throws {
    guard rename(from, to) == 0 else { throw CocoaError(.fileWriteUnknown) }
    try DurableFile.sync(folderOf: to)
  }
}

/// The transcript of a session that is under way.
struct SessionTranscript: Sendable {
  let path: String
  let session: String
  let secrets: [Secret]

  /// Adds an event; durable when it returns.
  func add(_ kind: String, _ facts: [String: JSONValue]) throws(AgentError) {
    let line = JSONValue.object(facts.merging(["event": .string(kind)]) { $1 }).canonicalText
    let clean = secrets.reduce(line) { $1.redacting($0) }
    do {
      try DurableFile.append(Array((clean + "\n").utf8), to: path)
    } catch {
      throw AgentError(.badState, "the transcript \(path) cannot be written; make room there", cause: error)
    }
  }
}
