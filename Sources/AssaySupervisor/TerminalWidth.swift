import Glibc

/// Size of the terminal that standard output goes to.
public enum TerminalWidth {
  /// Columns; 140 when standard output is not a terminal.
  public static var current: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 140 }
    return Int(size.ws_col)
  }

  /// Columns and rows; 140 by 40 when standard output is not a terminal.
  public static var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return (140, 40)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Whether standard output is a terminal.
  public static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
}
