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

  /// What a cluster gives each pod that has a service account.
  ///
  /// - Parameter account: the folder of the service account, `/var/run/secrets/kubernetes.io/serviceaccount` in a pod.
  /// - Throws: `SandboxError` with the remedy, where this is no such pod.
  public static func inCluster(account: String, environment: [String: String]) throws(SandboxError)
    -> KubernetesAccess
  {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let namespace = try? String(contentsOfFile: account + "/namespace", encoding: .utf8)
    else {
      throw SandboxError(
        .isolationUnavailable,
        "this is no pod with a service account (no KUBERNETES_SERVICE_HOST, or no \(account)/namespace); set automountServiceAccountToken, or name --kubernetes-server and --kubernetes-account"
      )
    }
    let name = host.contains(":") ? "[\(host)]" : host
    return KubernetesAccess(
      server: "https://\(name):\(environment["KUBERNETES_SERVICE_PORT"] ?? "443")",
      authority: account + "/ca.crt", tokenFile: account + "/token",
      namespace: namespace.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
