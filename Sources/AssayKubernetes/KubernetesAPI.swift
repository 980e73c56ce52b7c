import AssayReflection
import AssaySandbox
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOSSL

/// The few requests of a Kubernetes API server that steps need.
struct KubernetesAPI: Sendable {
  /// Owns the client, which has to be told before it goes.
  private final class Connections: Sendable {
    let client: HTTPClient
    init(_ configuration: HTTPClient.Configuration) {
      client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
    deinit { client.shutdown { _ in } }
  }

  private let connections: Connections
  private let access: KubernetesAccess

  /// The most bytes of an answer.
  private static let maximum = 8 << 20

  init(_ access: KubernetesAccess) throws(SandboxError) {
    self.access = access
    var configuration = HTTPClient.Configuration()
    // A redirect would carry the token elsewhere.
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: .seconds(10), read: .seconds(60))
    configuration.httpVersion = .http1Only
    if let authority = access.authority {
      var tls = TLSConfiguration.makeClientConfiguration()
      do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority)) } catch {
        throw SandboxError(
          .isolationUnavailable, "the cluster's certificate authority \(authority) cannot be read: \(error)")
      }
      configuration.tlsConfiguration = tls
    }
    connections = Connections(configuration)
  }

  private var jobs: String { "/apis/batch/v1/namespaces/\(access.namespace)/jobs" }

  func create(_ job: JobManifest) async throws(SandboxError) {
    _ = try await ask(.POST, jobs, body: job.document)
  }

  /// Nil where there is none.
  func job(_ name: String) async throws(SandboxError) -> JSONValue? {
    try await ask(.GET, "\(jobs)/\(name)")
  }

  func pods(of name: String) async throws(SandboxError) -> [JSONValue] {
    let selector = "\(JobManifest.label)%3D\(name)"
    return try await ask(.GET, "/api/v1/namespaces/\(access.namespace)/pods?labelSelector=\(selector)")?[
      "items"]?.items ?? []
  }

  /// Deletes a Job with its pods; one that is gone is none the worse.
  func delete(_ name: String) async throws(SandboxError) {
    _ = try await ask(
      .DELETE, "\(jobs)/\(name)",
      body: [
        "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground",
        "gracePeriodSeconds": 5,
      ])
  }

  /// Returns when a Job has changed, or after some seconds.
  func change(of name: String, seconds: Int) async throws(SandboxError) {
    do {
      let response = try await connections.client.execute(
        try request(
          .GET, "\(jobs)?watch=true&timeoutSeconds=\(seconds)&fieldSelector=metadata.name%3D\(name)"),
        timeout: .seconds(Int64(seconds) + 20))
      guard response.status.code == 200 else { return }
      var lines = 0
      var received = 0
      for try await part in response.body {
        received += part.readableBytes
        lines += part.readableBytesView.count { $0 == UInt8(ascii: "\n") }
        // The first line is how it stands.
        if lines > 1 || received > Self.maximum { return }
      }
    } catch {
      throw failure(error)
    }
  }

  private func request(_ method: HTTPMethod, _ path: String) throws(SandboxError) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: access.server + path)
    request.method = .init(rawValue: method.rawValue)
    guard let token = try? String(contentsOfFile: access.tokenFile, encoding: .utf8) else {
      throw SandboxError(
        .infrastructure, "\(access.tokenFile) cannot be read; it holds the token of the service account")
    }
    request.headers.add(
      name: "authorization", value: "Bearer " + token.trimmingCharacters(in: .whitespacesAndNewlines))
    request.headers.add(name: "accept", value: "application/json")
    return request
  }

  private enum HTTPMethod: String { case GET, POST, DELETE }

  /// The answer; nil for 404.
  private func ask(_ method: HTTPMethod, _ path: String, body: JSONValue? = nil) async throws(SandboxError)
    -> JSONValue?
  {
    var request = try request(method, path)
    if let body {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(string: body.canonicalText))
    }
    let status: UInt
    let answer: JSONValue?
    do {
      let response = try await connections.client.execute(request, timeout: .seconds(60))
      status = response.status.code
      let bytes = try await response.body.collect(upTo: Self.maximum)
      answer = try? JSONValue(parsing: bytes.readableBytesView)
    } catch {
      throw failure(error)
    }
    if status == 404, method != .POST { return nil }
    guard (200..<300).contains(status) else {
      let message = answer?["message"]?.text?.prefix(500) ?? "no reason given"
      let remedy =
        switch status {
        case 401: "; the token was not accepted"
        case 403: "; the service account needs get, list, watch, create and delete of Jobs, and list of Pods"
        case 422: "; correct the Job template"
        default: ""
        }
      throw SandboxError(
        status == 401 || status == 403 ? .isolationUnavailable : .infrastructure,
        "the cluster refused \(method.rawValue) \(path.prefix { $0 != "?" }) with \(status): \(message)\(remedy)"
      )
    }
    guard let answer else {
      throw SandboxError(.infrastructure, "the cluster's answer to \(method.rawValue) \(path) is no JSON")
    }
    return answer
  }

  private func failure(_ error: any Error) -> SandboxError {
    if let error = error as? SandboxError { return error }
    if error is CancellationError { return SandboxError(.infrastructure, "the step was cancelled") }
    return SandboxError(
      .infrastructure, "the cluster's API server at \(access.server) does not answer: \(error)")
  }
}
