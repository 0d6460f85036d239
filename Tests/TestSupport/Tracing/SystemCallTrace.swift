import Glibc

/// The system calls of a program and all its threads, in the order in which the kernel was entered.
///
/// Made by strace(1): a call that others interrupt stands on two lines, and is one here.
public struct SystemCallTrace: Sendable {
    public var calls: [SystemCall]

    /// Reads what strace wrote with the options of `arguments`.
    ///
    /// - Throws: `UnreadableLine`: a trace that is not understood proves nothing.
    public init(_ text: String) throws {
        var pending: [pid_t: (text: String, entered: Int)] = [:]
        var calls: [SystemCall] = []
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            guard let (thread, event) = Self.parts(line) else { continue }
            let whole: String
            var entered = place
            // A thread of which the tracer saw nothing any more before both ended.
            if event.hasPrefix("???(") { continue }
            if let tail = Self.resumed(event) {
                guard let begun = pending.removeValue(forKey: thread) else { throw UnreadableLine(String(line)) }
                whole = begun.text + tail
                entered = begun.entered
            } else if event.hasSuffix(Self.unfinished) {
                pending[thread] = (String(event.dropLast(Self.unfinished.count)), place)
                continue
            } else {
                // A thread that is ended inside a call.
                whole = String(event.replacing(Self.unfinished, with: ""))
            }
            guard let call = SystemCall(whole[...].utf8, thread: thread, entered: entered, returned: place) else {
                throw UnreadableLine(String(line))
            }
            calls.append(call)
        }
        self.calls = calls.sorted { $0.entered < $1.entered }
    }

    /// What makes strace write a trace of `calls` to `file` that this type understands, the program to be put behind it.
    ///
    /// The program keeps its process id and its parent; the tracer ends with it.
    public static func arguments(_ calls: [String], file: String) -> [String] {
        // Texts up to a page of the database and its escapes; descriptors with their paths.
        [
            "-D", "-f", "-qq", "-yy", "-s", "4200", "--seccomp-bpf", "-e", "trace=" + calls.joined(separator: ","),
            "-o",
            file,
        ]
    }

    /// Every call that writes to files and sockets, makes them durable, or moves them.
    public static let durability = [
        "openat", "write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "fsync", "fdatasync",
        "syncfs", "sync_file_range", "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat",
    ]

    public struct UnreadableLine: Error, CustomStringConvertible {
        let line: String
        init(_ line: String) { self.line = line }
        public var description: String { "no system call: \(line.prefix(300))" }
    }

    // MARK: Lines

    private static let unfinished = " <unfinished ...>"

    /// The thread and what it did; `nil` for signals and ends, which are no calls.
    private static func parts(_ line: Substring) -> (pid_t, Substring)? {
        let line = line.drop { $0 == " " }
        guard let blank = line.firstIndex(of: " "), let thread = pid_t(line[..<blank]) else { return nil }
        let event = line[blank...].drop { $0 == " " }
        return event.hasPrefix("---") || event.hasPrefix("+++") ? nil : (thread, event)
    }

    /// What follows `<... name resumed>`.
    private static func resumed(_ event: Substring) -> Substring? {
        guard event.hasPrefix("<... "), let end = event.firstRange(of: " resumed>") else { return nil }
        return event[end.upperBound...]
    }
}
