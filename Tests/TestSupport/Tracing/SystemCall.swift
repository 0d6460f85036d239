import Glibc

/// One system call of a traced program, as strace(1) shows it with `-f -yy`.
public struct SystemCall: Sendable, Hashable {
    public let thread: pid_t
    public let name: String
    /// As strace prints them: texts in quotes, descriptors with what they name.
    public let arguments: [String]
    /// What the kernel answered; `nil` when the call never returned.
    public let result: Int?
    /// When the thread entered the kernel and when it came back: places in the trace, the same clock for all threads.
    /// A call that never returned comes back after everything else.
    public private(set) var entered: Int
    public private(set) var returned: Int

    public var hasSucceeded: Bool { result.map { $0 >= 0 } ?? false }

    /// Whether the kernel had finished this one when the other began. Of two calls that overlap neither comes first.
    public func isBefore(_ other: SystemCall) -> Bool { returned < other.entered }

    /// Whether an argument shows `text`, which must not hold what strace escapes.
    public func mentions(_ text: String) -> Bool { arguments.contains { $0.utf8.contains(run: text.utf8) } }

    /// What the descriptor in argument `index` names: a path, or the kind and address of a socket.
    public func descriptor(_ index: Int = 0) -> String? {
        guard arguments.indices.contains(index), let start = arguments[index].firstIndex(of: "<"),
            arguments[index].last == ">"
        else { return nil }
        return String(arguments[index][arguments[index].index(after: start)...].dropLast())
    }

    /// The text in argument `index`, its escapes resolved; `nil` when there is none. Long ones are cut by strace.
    public func text(_ index: Int) -> String? {
        guard arguments.indices.contains(index) else { return nil }
        return TraceText.resolved(arguments[index]).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The same call at another time, for tests that want to know whether anybody minds.
    public func moved(to place: Int) -> SystemCall {
        var copy = self
        copy.entered = place
        copy.returned = place
        return copy
    }
}

extension SystemCall {
    /// Reads `name(arguments) = result`; `nil` when the line is no call.
    init?(_ line: Substring.UTF8View, thread: pid_t, entered: Int, returned: Int) {
        guard let open = line.firstIndex(of: UInt8(ascii: "(")), open != line.startIndex else { return nil }
        var scanner = ArgumentScanner(line[line.index(after: open)...])
        guard let arguments = scanner.arguments() else { return nil }
        let rest = scanner.rest.drop { $0 == UInt8(ascii: " ") }
        guard rest.first == UInt8(ascii: "=") else { return nil }
        let answer = rest.dropFirst().drop { $0 == UInt8(ascii: " ") }
        let number = answer.prefix { $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        self.thread = thread
        name = String(decoding: line[..<open], as: UTF8.self)
        self.arguments = arguments
        result = Int(String(decoding: number, as: UTF8.self))
        self.entered = entered
        self.returned = result == nil ? .max : returned
    }
}
