import Glibc

/// Size of the terminal that standard output goes to.
public enum TerminalWidth {
  /// Columns; 140 when standard output is not a terminal.
  public static var current: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 140 }
    return Int(size.ws_col)
  }

  /// Whether standard output is a terminal.
  public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
