public import AssaySandbox
import Foundation

/// How the API server of a cluster is reached, and as whom.
public struct KubernetesAccess: Sendable {
  /// Such as `https://10.96.0.1:443`.
  public var server: String
  /// PEM certificates that the server's has to follow from; the system's where nil.
  public var authority: String?
  /// A file with the bearer token. It is read at every request, since clusters renew it.
  public var tokenFile: String
  public var namespace: String

  public init(server: String, authority: String?, tokenFile: String, namespace: String) {
    self.server = server
    self.authority = authority
    self.tokenFile = tokenFile
    self.namespace = namespace
  }

  /// What a service account's folder holds: `token`, `namespace`, and `ca.crt` where the server's certificate is the cluster's own.
  ///
  /// - Parameters:
  ///   - account: `/var/run/secrets/kubernetes.io/serviceaccount` in a pod.
  ///   - server: nil for the one of the pod that this runs in.
  /// - Throws: `SandboxError` with the remedy.
  public static func load(account: String, server: String?, environment: [String: String])
    throws(SandboxError) -> KubernetesAccess
  {
    let named = server ?? Self.server(of: environment)
    guard let named, let namespace = try? String(contentsOfFile: account + "/namespace", encoding: .utf8)
    else {
      throw SandboxError(
        .isolationUnavailable,
        "this is no pod with a service account (no KUBERNETES_SERVICE_HOST, or no \(account)/namespace); set automountServiceAccountToken, or name --kubernetes-server and --kubernetes-account"
      )
    }
    guard named.hasPrefix("https://") else {
      throw SandboxError(
        .isolationUnavailable, "\(named) would get the account's token unprotected; name an https:// address")
    }
    let authority = account + "/ca.crt"
    return KubernetesAccess(
      server: named, authority: FileManager.default.fileExists(atPath: authority) ? authority : nil,
      tokenFile: account + "/token", namespace: namespace.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func server(of environment: [String: String]) -> String? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else { return nil }
    return
      "https://\(host.contains(":") ? "[\(host)]" : host):\(environment["KUBERNETES_SERVICE_PORT"] ?? "443")"
  }
}
