import Foundation
import ServiceLifecycle

/// Ends when standard input does, so that a service never outlives the process that started it.
struct ParentWatch: Service {
  func run() async throws {
    let (ended, continuation) = AsyncStream.makeStream(of: Never.self)
    // A thread of its own: the read blocks for as long as the parent lives.
    Thread.detachNewThread {
      while let part = try? FileHandle.standardInput.read(upToCount: 4096), !part.isEmpty {}
      continuation.finish()
    }
    await cancelWhenGracefulShutdown {
      for await _ in ended {}
    }
  }
}
