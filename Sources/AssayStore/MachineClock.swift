import Foundation
import Glibc

/// What the machine says of time, in milliseconds.
public enum MachineClock {
  /// Since the Unix epoch. Whoever sets the clock of the machine moves it, in both directions.
  public static func wall() -> Int64 { milliseconds(of: CLOCK_REALTIME) }

  /// Since the machine was started. Nobody can set it, and it stands while the machine sleeps.
  public static func uptime() -> Int64 { milliseconds(of: CLOCK_MONOTONIC) }

  /// Names what `uptime` counts from: another one after each start of the machine. Empty where that is not known.
  public static let boot: String = {
    let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }()

  private static func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
