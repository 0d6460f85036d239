import Glibc

/// Waits for names to appear in a directory (inotify(7)).
public enum FileWatch {
    /// Returns once something exists at `path`.
    public static func exists(_ path: String, within limit: Duration = Limits.wait) async throws {
        try await appears(in: parent(of: path), within: limit, what: path) { _ in access(path, F_OK) == 0 ? path : nil
        }
    }

    /// Returns the first name in `directory` that satisfies `condition`, present now or to come.
    public static func name(
        in directory: String, within limit: Duration = Limits.wait,
        where condition: @escaping @Sendable (String) -> Bool
    ) async throws -> String {
        try await appears(in: directory, within: limit, what: "a name in \(directory)") { $0.first(where: condition) }
    }

    /// Returns once `directory` holds at least `count` names.
    @discardableResult
    public static func names(
        in directory: String, atLeast count: Int, within limit: Duration = Limits.wait
    ) async throws -> [String] {
        try await appears(in: directory, within: limit, what: "\(count) names in \(directory)") {
            $0.count >= count ? $0 : nil
        }
    }

    /// Returns the first non-nil answer of `look`, asked now and whenever a name in `directory` came, went or was written.
    public static func change<Found: Sendable>(
        in directory: String, within limit: Duration = Limits.wait, what: String,
        _ look: @escaping @Sendable () -> Found?
    ) async throws -> Found {
        try await appears(in: directory, within: limit, what: what) { _ in look() }
    }

    /// Runs `begin`, and returns what it returned once somebody has opened the file at `path` since.
    public static func opened<Begun>(
        _ path: String, within limit: Duration = Limits.wait, after begin: () throws -> Begun
    ) async throws -> Begun {
        let (opened, watch) = try watch(path, for: UInt32(IN_OPEN))
        defer { ReadinessLoop.shared.cancel(watch) }
        let begun = try begin()
        try await opened.wait(for: "somebody to open \(path)", within: limit) { $0 > 0 }
        return begun
    }

    @discardableResult
    private static func appears<Found: Sendable>(
        in directory: String, within limit: Duration, what: String,
        _ look: @escaping @Sendable ([String]) -> Found?
    ) async throws -> Found {
        let names = UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
        let (changes, watch) = try watch(directory, for: names | UInt32(IN_CLOSE_WRITE))
        defer { ReadinessLoop.shared.cancel(watch) }
        return try await changes.wait(for: what, within: limit) { _ in look(Directory.names(in: directory)) }
    }

    /// - Returns: how often something came, and the watch, which whoever asked for it cancels.
    private static func watch(_ path: String, for events: UInt32) throws -> (Watched<Int>, UInt64) {
        let descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("inotify_init1") }
        guard inotify_add_watch(descriptor, path, events) >= 0 else {
            let error = SystemError("inotify_add_watch", path: path)
            Glibc.close(descriptor)
            throw error
        }
        let changes = Watched(0)
        let watch = ReadinessLoop.shared.watch(descriptor) {
            drain(descriptor)
            changes.update { $0 += 1 }
            return true
        }
        return (changes, watch)
    }

    private static func drain(_ descriptor: Int32) {
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            while read(descriptor, buffer.baseAddress, buffer.count) > 0 {}
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
