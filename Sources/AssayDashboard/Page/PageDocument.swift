import Crypto
import Foundation

/// The page as one self-contained document: markup, style and script are files of ours, inlined, and named by hash in its
/// content security policy, so that nothing else on the page can ever run.
struct PageDocument: Sendable {
  let html: String
  /// For the `Content-Security-Policy` header; the document carries it too, for when it is opened from disk.
  let policy: String

  /// In the order in which they are read.
  static let scripts = [
    "format.js", "dom.js", "record.js", "chart.js", "tree.js", "table.js", "trial.js", "compare.js",
    "overview.js", "app.js",
  ]

  /// - Parameter data: JSON blocks by id, shown as text to the script; empty for a page that asks its server.
  /// - Throws: `DashboardError` when the page's files are missing.
  init(title: String, data: [(id: String, json: Data)] = []) throws(DashboardError) {
    let style = try Self.file("style.css")
    var script = "\"use strict\";\n"
    for name in Self.scripts { script += try Self.file(name) + "\n" }
    let connect = data.isEmpty ? "'self'" : "'none'"
    policy =
      "default-src 'none'; script-src '\(Self.hash(script))'; style-src '\(Self.hash(style))'; "
      + "img-src data:; connect-src \(connect); base-uri 'none'; form-action 'none'"
    var blocks = ""
    for (id, json) in data {
      blocks += "<script type=\"application/json\" id=\"\(id)\">\(Self.inert(json))</script>\n"
    }
    html = try Self.file("index.html")
      .replacing("{{policy}}", with: policy)
      .replacing("{{title}}", with: Self.escaped(title))
      .replacing("{{style}}", with: style)
      .replacing("{{data}}", with: blocks)
      .replacing("{{script}}", with: script)
  }

  private static func file(_ name: String) throws(DashboardError) -> String {
    guard let url = Bundle.module.url(forResource: "Web", withExtension: nil),
      let text = try? String(contentsOf: url.appending(path: name), encoding: .utf8)
    else {
      throw DashboardError("the page's file \(name) is missing beside the program; reinstall Assay")
    }
    return text
  }

  /// As CSP names an inline block.
  static func hash(_ text: String) -> String {
    "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
  }

  /// JSON that no HTML parser can take for markup: `<` never occurs in it.
  static func inert(_ json: Data) -> String {
    String(decoding: json, as: UTF8.self).replacing("<", with: "\\u003c")
      .replacing("\u{2028}", with: "\\u2028").replacing("\u{2029}", with: "\\u2029")
  }

  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
