import Crypto
import Foundation
import HTTPTypes
import Hummingbird

/// Who may read what, before anything is read: names that the page may be asked under, methods, other sites, the token. And what
/// a browser may do with an answer.
struct AccessControl: RouterMiddleware {
  typealias Context = BasicRequestContext

  let options: DashboardOptions
  /// Of the page: which script and style may run.
  let policy: String

  /// A name of its own for each token: browsers share cookies between the ports of a host.
  static func cookie(for token: String) -> String {
    "assay_" + SHA256.hash(data: Data(token.utf8)).prefix(4).map { String($0, radix: 16) }.joined()
  }

  /// A search of MLflow's client is the only request with a body.
  static let maximumBody = 64 << 10

  func handle(
    _ request: Request, context: Context,
    next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      try check(request)
      response = try await next(request, context)
    } catch let error as any HTTPResponseError {
      response = try error.response(from: request, context: context)
    } catch {
      context.logger.debug("\(request.uri.path): \(error)")
      response = JSONAnswer.error(.internalServerError, "the answer could not be made")
    }
    secure(&response, path: request.uri.path)
    return response
  }

  private func check(_ request: Request) throws {
    guard let host = Self.name(in: request.head.authority ?? ""), isOurs(host) else {
      throw DashboardRefusal(
        .misdirectedRequest,
        "this page is not served under that name; start the dashboard with --name to allow it")
    }
    let isSearch = options.mlflow && request.method == .post && request.uri.path.hasSuffix("/search")
    guard request.method == .get || request.method == .head || isSearch else {
      throw DashboardRefusal(.methodNotAllowed, "the dashboard only answers questions: GET")
    }
    // A browser says when another site asks; programs say nothing.
    if let site = request.headers[Self.fetchSite], site == "cross-site" || site == "same-site" {
      guard request.headers[Self.fetchMode] == "navigate", request.uri.path == "/" else {
        throw DashboardRefusal(.forbidden, "other sites may not read the dashboard")
      }
    }
    // The page itself holds nothing of a run.
    guard let token = options.token, request.uri.path != "/" else { return }
    let given = Self.bearer(request) ?? Self.cookie(Self.cookie(for: token), in: request)
    guard let given, Self.isEqual(given, token) else {
      throw DashboardRefusal(
        .unauthorized, "give the token that `assay dashboard` printed, as `Authorization: Bearer TOKEN`")
    }
  }

  private static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
  private static let fetchMode = HTTPField.Name("Sec-Fetch-Mode")!

  /// The host of a `Host` header, without its port.
  static func name(in authority: String) -> String? {
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      return String(authority[authority.index(after: authority.startIndex)..<end])
    }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.first, !name.isEmpty else { return nil }
    return name.lowercased()
  }

  private func isOurs(_ name: String) -> Bool {
    if DashboardOptions.isLoopback(name) { return true }
    return name == options.host.lowercased() || options.names.contains { $0.lowercased() == name }
      // Listening everywhere: any address in numbers is one of ours, and no name that somebody else's DNS may change.
      || (options.host == "0.0.0.0" || options.host == "::") && Self.isNumeric(name)
  }

  private static func isNumeric(_ name: String) -> Bool {
    name.contains(":")
      ? name.allSatisfy { $0.isHexDigit || $0 == ":" }
      : name.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
  }

  private static func bearer(_ request: Request) -> String? {
    guard let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ") else {
      return nil
    }
    return String(value.dropFirst("bearer ".count))
  }

  private static func cookie(_ name: String, in request: Request) -> String? {
    for value in request.headers[values: .cookie] {
      for pair in value.split(separator: ";") {
        let pair = pair.trimmingCharacters(in: .whitespaces)
        if pair.hasPrefix(name + "=") { return String(pair.dropFirst(name.count + 1)) }
      }
    }
    return nil
  }

  /// In a time that does not tell where they differ.
  static func isEqual(_ one: String, _ other: String) -> Bool {
    let key = SymmetricKey(size: .bits256)
    let code = HMAC<SHA256>.authenticationCode(for: Data(other.utf8), using: key)
    return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: Data(one.utf8), using: key)
  }

  private func secure(_ response: inout Response, path: String) {
    response.headers[.contentSecurityPolicy] =
      path == "/"
      ? policy + "; frame-ancestors 'none'" : "default-src 'none'; frame-ancestors 'none'; sandbox"
    response.headers[.xContentTypeOptions] = "nosniff"
    response.headers[HTTPField.Name("X-Frame-Options")!] = "DENY"
    response.headers[HTTPField.Name("Referrer-Policy")!] = "no-referrer"
    response.headers[HTTPField.Name("Cross-Origin-Resource-Policy")!] = "same-origin"
    response.headers[HTTPField.Name("Cross-Origin-Opener-Policy")!] = "same-origin"
    response.headers[HTTPField.Name("Permissions-Policy")!] =
      "camera=(), geolocation=(), microphone=(), usb=()"
    if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
  }
}
