import CSpawn
import Foundation

/// What a program is started with. It gets a process group of its own, and no descriptors but its standard three.
struct Launch {
  /// The program's absolute path, then its arguments.
  var arguments: [String]
  var environment: [String: String]
  /// Where it works; nil for this process's folder.
  var folder: String?
  /// Descriptors of this process; nil for /dev/null.
  var input: Int32?
  var output: Int32?
  var error: Int32?

  func start() throws(ChildProcess.StartFailure) -> pid_t {
    let argv = CStrings(arguments)
    let envp = CStrings(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
    var pid: pid_t = 0
    let failure = assay_spawn(
      &pid, arguments.first ?? "", argv.pointers, envp.pointers, folder,
      [input ?? -1, output ?? -1, error ?? -1])
    guard failure == 0 else { throw ChildProcess.StartFailure(number: failure) }
    return pid
  }

  /// A pipe whose ends no program inherits by accident.
  static func pipe() throws(ChildProcess.StartFailure) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    let failure = assay_pipe(&ends)
    guard failure == 0 else { throw ChildProcess.StartFailure(number: failure) }
    return (ends[0], ends[1])
  }

  /// A file in memory that holds these bytes, read from its beginning.
  static func file(_ bytes: Data) throws(ChildProcess.StartFailure) -> Int32 {
    let file = assay_memory_file()
    guard file >= 0 else { throw ChildProcess.StartFailure(number: errno) }
    let failure = bytes.withUnsafeBytes { bytes -> Int32 in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return count == 0 ? EIO : errno }
        rest = rest.dropFirst(count)
      }
      return lseek(file, 0, SEEK_SET) == 0 ? 0 : errno
    }
    guard failure == 0 else {
      close(file)
      throw ChildProcess.StartFailure(number: failure)
    }
    return file
  }
}

/// A null-terminated array of C strings, freed with its owner.
private final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: count + 1)
    for (index, text) in strings.enumerated() { pointers[index] = strdup(text) }
    pointers[count] = nil
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
