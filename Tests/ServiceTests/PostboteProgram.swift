import Glibc
import TestSupport

/// The built program, spawned as a user would.
enum PostboteProgram {
    /// Beside the test program.
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/postbote"
        if access(beside, X_OK) == 0 { return beside }
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return root + "/.build/debug/postbote"
    }()

    /// Runs it to its end, against the control socket `postbote.sock` in `runtimeDirectory`.
    static func run(
        _ arguments: [String], runtimeDirectory: String = "/nowhere", calledAs name: String? = nil,
        input: String? = nil, adding: [String: String?] = [:]
    ) async throws -> ChildProcess.Finished {
        var options = ChildProcess.Options()
        options.adding = [
            "RUNTIME_DIRECTORY": runtimeDirectory, "POSTBOTE_CONFIG": "/nowhere/postbote.yaml", "TZ": "UTC",
        ]
        options.adding.merge(adding) { $1 }
        return try await ChildProcess.run(
            name ?? path, arguments, input: input.map { Array($0.utf8) }, options: options)
    }
}

extension TemporaryDirectory {
    /// A copy that other users may run, whatever the permissions on the way to the original are.
    func publicCopy(of program: String) throws -> String {
        let copy = self("program")
        try Directory.write(try Directory.bytes(of: program), to: copy, mode: 0o755)
        chmod(copy, 0o755)
        return copy
    }
}
