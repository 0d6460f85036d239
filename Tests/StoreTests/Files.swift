import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// The few looks at directories that tests need.
enum Files {
    static func names(in path: String) throws -> [String] {
        let directory = try #require(opendir(path), "\(path)")
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func make(_ path: String) throws {
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        try #require(descriptor >= 0, "\(path)")
        close(descriptor)
    }
}
