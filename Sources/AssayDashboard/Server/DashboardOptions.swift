import Crypto
import Foundation

/// How a dashboard is served.
public struct DashboardOptions: Sendable {
  /// Address to listen at.
  public var host: String
  /// 0 for any free one.
  public var port: Int
  /// What every reader has to know; nil lets everybody in who reaches a loopback address.
  public var token: String?
  /// Names besides the address under which browsers may ask for the page.
  public var names: [String]
  /// Whether MLflow's clients are answered too.
  public var mlflow: Bool

  public init(host: String, port: Int, token: String?, names: [String] = [], mlflow: Bool = false) {
    self.host = host
    self.port = port
    self.token = token
    self.names = names
    self.mlflow = mlflow
  }

  /// Whether an address can be reached from this machine only.
  public static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  /// 256 random bits.
  public static func freshToken() -> String {
    SymmetricKey(size: .bits256).withUnsafeBytes { bytes in
      bytes.map { byte in
        let hex = String(byte, radix: 16)
        return byte < 16 ? "0" + hex : hex
      }.joined()
    }
  }
}
