/// Where something is written: the number of the file, then line and column from 1, columns in Unicode scalars.
struct Position: Hashable, Comparable {
    var file: Int
    var line: Int
    var column: Int

    static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }

    /// The file as a whole.
    static func whole(_ file: Int) -> Position { Position(file: file, line: 0, column: 0) }
}
