import TestSupport

/// How often a program made something durable, counted by strace(1) in a run of its own, which is not timed.
///
/// A faster run that syncs less does not count; so the figures stand beside the rates.
struct SyncCalls: CustomStringConvertible {
    static let names = ["fsync", "fdatasync", "syncfs"]
    private(set) var counts: [String: Int] = [:]

    var total: Int { counts.values.reduce(0, +) }

    /// strace runs as a grandchild: the traced program keeps the process id, and gets the signals. It has a session of its
    /// own, because whoever ends the program ends its process group, and the summary comes after that. It stops at the
    /// calls that are counted and no others, which would take ten times as long.
    static func tracer(into file: String) -> [String] {
        ["strace", "-DDD", "-f", "--seccomp-bpf", "-c", "-e", "trace=" + names.joined(separator: ","), "-o", file]
    }

    /// Reads the summary, which strace writes when the program has ended.
    static func read(_ file: String) async throws -> SyncCalls {
        let text = try await FileWatch.change(in: parent(of: file), what: "the summary of strace") {
            let text = (try? Directory.text(of: file)) ?? ""
            return text.contains("total") ? text : nil
        }
        var calls = SyncCalls()
        for line in text.split(separator: "\n") {
            // % time, seconds, usecs/call, calls, errors where there were any, name.
            let words = line.split(separator: " ")
            guard words.count >= 5, let name = words.last, names.contains(String(name)) else { continue }
            calls.counts[String(name)] = Int(words[3])
        }
        return calls
    }

    private static func parent(of file: String) -> String {
        String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
    }

    var description: String {
        let found = SyncCalls.names.compactMap { name in counts[name].map { "\($0) \(name)" } }
        return found.isEmpty ? "none" : found.joined(separator: ", ")
    }
}
