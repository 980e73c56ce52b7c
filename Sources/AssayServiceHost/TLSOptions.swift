public import ArgumentParser
public import AssayRPCNNG

/// What this process proves itself with over `tls+tcp://`.
public struct TLSOptions: ParsableArguments {
  @Option(
    name: .customLong("tls-ca"),
    help: ArgumentHelp(
      "Authorities whose certificates are believed over tls+tcp:// (PEM).", valueName: "file"))
  public var authorities: String?

  @Option(
    name: .customLong("tls-cert"),
    help: ArgumentHelp(
      "This process's certificate and its private key (PEM; see `assay keys tls`).", valueName: "file"))
  public var certificate: String?

  @Option(
    name: .customLong("tls-crl"),
    help: ArgumentHelp("Certificates that are good no longer (PEM).", valueName: "file"))
  public var revoked: String?

  public init() {}

  public func validate() throws {
    if (authorities == nil) != (certificate == nil) || revoked != nil && authorities == nil {
      throw ValidationError(
        "--tls-ca and --tls-cert go together: both ends of a connection prove themselves.")
    }
  }

  /// What the files hold now; nil when none were named.
  public func credentials() throws -> TLSCredentials? { try files?.credentials() }

  var files: TLSFiles? {
    guard let authorities, let certificate else { return nil }
    return TLSFiles(authorities: authorities, certificate: certificate, revoked: revoked)
  }

  /// The same options for another process.
  public var arguments: [String] {
    guard let authorities, let certificate else { return [] }
    return ["--tls-ca", authorities, "--tls-cert", certificate] + (revoked.map { ["--tls-crl", $0] } ?? [])
  }
}
