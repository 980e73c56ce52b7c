import CoreMetrics
import Foundation
import Glibc

/// The usual facts of a process, read from the kernel at each scrape.
enum ProcessMetrics {
  private static let started = Date().timeIntervalSince1970

  /// As text, since a counter of seconds with a fraction has no instrument in swift-metrics that starts above zero.
  static func exposition() -> String {
    var text = ""
    func write(_ name: String, _ kind: String, _ value: some CustomStringConvertible) {
      text += "# HELP \(name) \(MetricHelp.texts[name] ?? "")\n# TYPE \(name) \(kind)\n\(name) \(value)\n"
    }
    var usage = rusage()
    if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      let seconds =
        Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
      write("process_cpu_seconds_total", "counter", seconds)
    }
    if let descriptors = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      write("process_open_fds", "gauge", descriptors.count)
    }
    if let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?
      .split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    {
      write("process_resident_memory_bytes", "gauge", pages * Int(sysconf(Int32(_SC_PAGESIZE))))
    }
    write("process_start_time_seconds", "gauge", started)
    return text
  }

  /// Notes the start of the process; call early.
  static func begin() { _ = started }
}
