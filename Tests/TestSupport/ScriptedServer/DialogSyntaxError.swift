/// A line of a dialog that means nothing.
public struct DialogSyntaxError: Error, Hashable, CustomStringConvertible {
    public let line: Int
    public let text: String

    public var description: String { "line \(line) of the dialog means nothing: \(text)" }
}
