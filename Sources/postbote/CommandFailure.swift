import Operations

/// Why a command ends, for standard error and as its exit code.
struct CommandFailure: Error {
    /// interface.md §3; the numbers are those of sysexits(3).
    enum Code: Int32 {
        /// What was asked for is in trouble.
        case trouble = 1
        case usage = 64
        case refused = 65
        case notFound = 66
        case unreachable = 69
        case internalError = 70
        case cannotWrite = 73
        case tryLater = 75
        case notPermitted = 77
        case configuration = 78
    }

    var code: Code
    /// Lines for standard error; none where all has been said.
    var lines: [String]
    /// The daemon was asked and did not answer: whether it did what it was asked is not known.
    var isLostAnswer = false

    init(_ code: Code, _ lines: String...) { self.init(code, lines: lines) }

    init(_ code: Code, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    init(_ problem: Problem) {
        code = Code(rawValue: problem.kind.exitCode) ?? .internalError
        if let errors = problem.errors, !errors.isEmpty {
            lines = errors
        } else {
            lines = [problem.detail + (problem.serverLine.map { " (server: \($0))" } ?? "")]
        }
    }
}
