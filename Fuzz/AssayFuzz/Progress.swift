import Foundation
import Glibc

/// The number of the input at hand, in a file mapped into memory: it outlives the process that crashes over it.
final class Progress: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<UInt64>

  init(path: String) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, 4096) == 0,
      let mapped = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), mapped != MAP_FAILED
    else { throw Finding("cannot map \(path): \(String(cString: strerror(errno)))") }
    close(descriptor)
    pointer = mapped.bindMemory(to: UInt64.self, capacity: 512)
  }

  deinit { munmap(pointer, 4096) }

  var current: UInt64 {
    get { pointer[0] }
    set { pointer[0] = newValue }
  }

  var done: UInt64 { (0..<16).reduce(0) { $0 + self[given: $1] } }

  /// Inputs that a surface was given.
  subscript(given surface: Int) -> UInt64 {
    get { pointer[1 + surface] }
    set { pointer[1 + surface] = newValue }
  }

  /// Those of them that it accepted.
  subscript(accepted surface: Int) -> UInt64 {
    get { pointer[17 + surface] }
    set { pointer[17 + surface] = newValue }
  }
}
