import CLinux
import Glibc

/// The one file of certificates that libcurl is given for a connection.
///
/// libcurl keeps the parsed certificates of a file only when it is the sole source (CURLOPT_CAPATH unset), and replaces
/// the system's by it. So added certificates are merged with the system's into one file in memory.
final class CABundle: Sendable, Hashable {
    /// The certificates the system trusts.
    static let system = CABundle(path: CurlLibrary.systemCAFile, memoryFile: nil)

    let path: String
    private let memoryFile: Int32?

    private init(path: String, memoryFile: Int32?) {
        self.path = path
        self.memoryFile = memoryFile
    }

    /// - Parameter certificates: PEM, all of them.
    /// - Throws: `SystemError` when there is no memory for it.
    convenience init(certificates: [UInt8]) throws(SystemError) {
        let file = linux_sealed_memory_file("postbote-certificates", certificates, certificates.count)
        guard file >= 0 else { throw SystemError(code: errno) }
        self.init(path: "/proc/self/fd/\(file)", memoryFile: file)
    }

    deinit { if let memoryFile { close(memoryFile) } }

    static func == (left: CABundle, right: CABundle) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
