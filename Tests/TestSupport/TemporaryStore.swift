import Diagnostics
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// A store in a directory of its own, which goes with the last reference.
public final class TemporaryStore: Sendable {
    public let directory: String
    public let store: Store

    public init() throws {
        directory = try TemporaryStore.makeDirectory()
        store = try Store.open(in: directory)
    }

    deinit { TemporaryStore.remove(directory) }

    /// An empty directory below the system's temporary one, with mode 0700.
    public static func makeDirectory() throws -> String {
        var template = Array("/tmp/postbote-store-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(.daemon, .never, operation: "mkdtemp", reason: String(cString: strerror(errno)))
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes `path` and everything in it, without following links.
    public static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
                if isDirectory { remove(path + "/" + name) } else { unlink(path + "/" + name) }
            }
            closedir(directory)
        }
        rmdir(path)
    }
}
