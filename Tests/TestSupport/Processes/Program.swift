import Glibc

/// Programs by name, and this process's environment.
public enum Program {
    /// The path of `name`, which is a path already or in `PATH`, `/usr/sbin` or `/sbin`.
    public static func path(of name: String) -> String? {
        if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
        let search = (environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin"
        return search.split(separator: ":").map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The path of a program of this package, built beside the tests.
    public static func built(_ name: String) throws -> String {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &target, target.count - 1)
        guard length > 0 else { throw SystemError("readlink", path: "/proc/self/exe") }
        let tests = String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let slash = tests.lastIndex(of: "/") else { throw SystemError("find", path: tests, code: ENOENT) }
        let path = tests[..<slash] + "/" + name
        guard access(String(path), X_OK) == 0 else { throw SystemError("find", path: String(path)) }
        return String(path)
    }

    public static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry = entry.advanced(by: 1)
        }
        return variables
    }
}
