import Diagnostics
import MailModel
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// Goes through the files of one Maildir folder while its readers are at work: they move files from `new` to `cur`, and
/// give them other flags.
///
/// A message is its file's name without flags, and is met once. What vanishes under way, or is renamed behind the scan's
/// back, is met in the next pass, or was taken away. It blocks: it belongs on a disk queue.
final class MaildirScan {
    struct File {
        let path: String
        /// Without flags.
        let name: Substring
    }

    /// The directory that holds `new` and `cur`.
    private let path: String
    private var stream: OpaquePointer?
    private var directory = ""
    /// Those that this pass has not come to yet.
    private var left: [String] = []
    /// Names that were met, as numbers: half a million of them take 16 MB.
    private var met: Set<Int> = []

    init(_ path: String) { self.path = path }

    deinit { if let stream { closedir(stream) } }

    /// Begins a pass: `new` before `cur`, the way that files move.
    func begin() { left = ["cur", "new"] }

    /// The next file that was not met before; `nil`: the pass is over.
    func next() throws(Failure) -> File? {
        while true {
            guard let stream else {
                guard let directory = left.popLast() else { return nil }
                try open(directory)
                continue
            }
            guard let entry = readdir(stream) else {
                closedir(stream)
                self.stream = nil
                continue
            }
            let file = MaildirScan.name(entry)
            let name = file.prefix { $0 != ":" }
            // Readers do not look at what begins with a dot, as Maildir has it.
            guard !file.hasPrefix("."), !met.contains(name.hashValue) else { continue }
            return File(path: "\(path)/\(directory)/\(file)", name: name)
        }
    }

    /// It was read, or never will be.
    func note(_ file: File) { met.insert(file.name.hashValue) }

    private func open(_ name: String) throws(Failure) {
        stream = opendir(path + "/" + name)
        directory = name
        guard stream == nil, errno != ENOENT else { return }
        throw SystemCallFailure.unreadable("opendir", path + "/" + name, errno: errno)
    }

    // MARK: Names

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafePointer(to: entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
        }
    }

    /// The delivery key in a name that we gave: `SECONDS.KKEY.HOST`, or `SECONDS.KKEY.RFORMER.HOST`.
    static func deliveryKey(in name: Substring) -> DeliveryKey? {
        let parts = name.split(separator: ".", maxSplits: 2)
        guard parts.count == 3, parts[1].hasPrefix("K") else { return nil }
        return DeliveryKey(String(parts[1].dropFirst()))
    }

    /// The Maildir folders at and below `path`: itself first, then those of a Maildir++, by name.
    ///
    /// - Throws: `Failure` when there is none.
    static func folders(at path: String) throws(Failure) -> [String] {
        guard let stream = opendir(path) else {
            throw SystemCallFailure.unreadable("opendir", path, errno: errno)
        }
        defer { closedir(stream) }
        var subfolders: [String] = []
        while let entry = readdir(stream) {
            let name = name(entry)
            if name.hasPrefix("."), name != ".", name != "..", isMaildir(path + "/" + name) {
                subfolders.append(name)
            }
        }
        return (isMaildir(path) ? [""] : []) + subfolders.sorted()
    }

    private static func isMaildir(_ path: String) -> Bool {
        isDirectory(path + "/cur") || isDirectory(path + "/new")
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
