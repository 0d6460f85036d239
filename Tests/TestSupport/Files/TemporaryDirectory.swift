import Glibc

/// A directory of a test's own, gone with the last reference to it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    /// - Parameter mode: 0700 keeps other users out; servers that change their user need 0755.
    public init(prefix: String = "postbote", mode: mode_t = 0o700) throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/\(prefix).XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw SystemError("mkdtemp", path: base) }
        path = String(cString: made)
        chmod(path, mode)
    }

    deinit { Directory.remove(path) }

    /// The path of `name` inside.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// Makes a directory inside and returns its path.
    @discardableResult
    public func directory(_ name: String, mode: mode_t = 0o755) throws -> String {
        try Directory.create(self(name), mode: mode)
        return self(name)
    }

    /// Writes a file inside and returns its path.
    @discardableResult
    public func file(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        try Directory.write(text, to: self(name), mode: mode)
        return self(name)
    }
}
