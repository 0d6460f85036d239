import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// Directories of the state: made, listed, synced.
enum Directory {
    /// Makes `path` with mode 0700 unless it is there, and the entry durable.
    static func make(_ path: String) throws(Failure) {
        if mkdir(path, 0o700) == 0 { return try sync(parent(of: path)) }
        guard errno == EEXIST else { throw SystemCallFailure.failure("mkdir", path, errno: errno) }
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemCallFailure.failure("stat", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw SystemCallFailure.failure("mkdir", path, errno: ENOTDIR)
        }
    }

    /// Makes the directory's entries durable: without it a new, renamed or removed file may come back otherwise.
    static func sync(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", path, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemCallFailure.failure("fsync", path, errno: errno) }
    }

    /// Hands each entry's name to `body`; a directory of any size needs no more memory than one name.
    static func forEachName(in path: String, body: (String) throws -> Void) throws {
        guard let directory = opendir(path) else { throw SystemCallFailure.failure("opendir", path, errno: errno) }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { try body(name) }
        }
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
