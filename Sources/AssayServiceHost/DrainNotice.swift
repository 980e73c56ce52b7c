import AssayMetrics
import ServiceLifecycle

/// The part of a process that is stopped first: from then on health checks say so.
struct DrainNotice: Service {
  let readiness: Readiness

  func run() async throws {
    try? await gracefulShutdown()
    readiness.drain()
  }
}
