import Operations
import Store
import Transport

#if canImport(Glibc)
    import Glibc
#endif

extension SupportReport.SystemReport {
    /// As it is for this process.
    static var present: Self {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Self(
            hostName: ProcessInformation.hostName, kernel: kernel, distribution: distribution,
            openFiles: Int64(clamping: limit.rlim_cur), openFilesMost: Int64(clamping: limit.rlim_max),
            libraries: [
                Library("libcurl", LibraryVersions.curl), Library("TLS", LibraryVersions.tls),
                Library("SQLite", Store.libraryVersion),
            ])
    }

    /// `Linux 6.12.0 x86_64` (uname(2)).
    private static var kernel: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        return [text(of: name.sysname), text(of: name.release), text(of: name.machine)].joined(separator: " ")
    }

    private static func text(of field: some Any) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// PRETTY_NAME of os-release(5).
    private static var distribution: String? {
        let text = SystemFile.text(of: "/etc/os-release") ?? SystemFile.text(of: "/usr/lib/os-release") ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        return line.map { String($0.dropFirst("PRETTY_NAME=".count)).replacing("\"", with: "") }
    }
}

/// A small file in which the system describes itself.
enum SystemFile {
    /// Its beginning; `nil` where it cannot be read.
    static func text(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < Limits.systemFile {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
