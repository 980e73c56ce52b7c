import Foundation
import HTTPTypes
import Hummingbird

/// Answers as JSON.
enum JSONAnswer {
  static func data(_ data: Data, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }

  static func of(_ value: some Encodable) throws -> Response { data(try PageJSON.encode(value)) }

  static func error(_ status: HTTPResponse.Status, _ message: String) -> Response {
    data((try? PageJSON.encode(["error": message])) ?? Data(), status: status)
  }
}

/// A request that is refused; the message says what to do.
struct DashboardRefusal: HTTPResponseError {
  let status: HTTPResponse.Status
  let message: String

  init(_ status: HTTPResponse.Status, _ message: String) {
    self.status = status
    self.message = message
  }

  func response(from request: Request, context: some RequestContext) throws -> Response {
    JSONAnswer.error(status, message)
  }
}
