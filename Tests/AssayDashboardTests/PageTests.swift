import Foundation
import Testing

@testable import AssayDashboard

@Suite struct PageTests {
  /// The inline blocks of one kind, as a browser would hash them.
  private func inline(_ tag: String, in html: String) -> [String] {
    html.components(separatedBy: "<\(tag)>").dropFirst().compactMap {
      $0.components(separatedBy: "</\(tag)>").first
    }
  }

  @Test("script and style are named by hash, and nothing else may run")
  func policy() throws {
    let page = try PageDocument(title: "t")
    let scripts = inline("script", in: page.html)
    #expect(scripts.count == 1)
    for block in scripts { #expect(page.policy.contains("script-src '\(PageDocument.hash(block))'")) }
    for block in inline("style", in: page.html) {
      #expect(page.policy.contains("style-src '\(PageDocument.hash(block))'"))
    }
    #expect(page.policy.contains("default-src 'none'"))
    #expect(page.policy.contains("connect-src 'self'"))
    #expect(!page.policy.contains("unsafe"))
    #expect(page.html.contains("content=\"\(page.policy)\""))
  }

  @Test("nothing is fetched from elsewhere, and no element is made of text")
  func selfContained() throws {
    let page = try PageDocument(title: "t")
    // The namespace of SVG is a name, not an address that is asked.
    let text = page.html.replacing("http://www.w3.org/2000/svg", with: "")
    for forbidden in [
      "http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
      "new Function", " onclick=", " style=", "javascript:", "@import", "url(",
    ] { #expect(!text.contains(forbidden), "\(forbidden)") }
  }

  @Test("data in a file cannot end its block or its page")
  func embedded() throws {
    let words = "</script><script>alert(1)</script><!-- \u{2028}"
    let json = try PageJSON.encode(["hypothesis": words])
    let page = try PageDocument(title: "</title><script>alert(2)</script>", data: [("record", json)])
    #expect(!page.html.contains("alert(1)</script>"))
    #expect(!page.html.contains("<script>alert"))
    #expect(page.policy.contains("connect-src 'none'"))
    let block = try #require(
      page.html.components(separatedBy: "id=\"record\">").last?.components(separatedBy: "</script>").first)
    #expect(try JSONDecoder().decode([String: String].self, from: Data(block.utf8)) == ["hypothesis": words])
  }
}
