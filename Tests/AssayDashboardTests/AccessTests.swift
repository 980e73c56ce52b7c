import Testing

@testable import AssayDashboard

@Suite struct AccessTests {
  @Test("a host is read without its port, and nonsense is none")
  func hosts() {
    #expect(AccessControl.name(in: "127.0.0.1:7780") == "127.0.0.1")
    #expect(AccessControl.name(in: "LocalHost") == "localhost")
    #expect(AccessControl.name(in: "[::1]:7780") == "::1")
    #expect(AccessControl.name(in: "a:b:c") == nil)
    #expect(AccessControl.name(in: "") == nil)
    #expect(AccessControl.name(in: "[::1") == nil)
  }

  @Test func loopback() {
    #expect(DashboardOptions.isLoopback("127.0.0.1"))
    #expect(DashboardOptions.isLoopback("::1"))
    #expect(!DashboardOptions.isLoopback("0.0.0.0"))
    #expect(!DashboardOptions.isLoopback("10.0.0.1"))
  }

  @Test func tokens() {
    let token = DashboardOptions.freshToken()
    #expect(token.count == 64)
    #expect(token != DashboardOptions.freshToken())
    #expect(AccessControl.isEqual(token, token))
    #expect(!AccessControl.isEqual(token, String(token.dropLast())))
    #expect(!AccessControl.isEqual("", token))
  }
}
