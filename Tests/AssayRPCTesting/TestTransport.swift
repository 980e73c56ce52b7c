/// The transports that a test body runs over.
public enum TestTransport: String, CaseIterable, Sendable {
  case inProcess, nngInproc, nngIPC, nngTCP, nngTLS
}
