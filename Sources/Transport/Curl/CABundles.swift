import Diagnostics
import Dispatch
import Glibc
import MailModel
import Synchronization

/// Merges added certificates with the system's, once for each version of the files.
final class CABundles: Sendable {
    static let shared = CABundles()

    /// A version of a file: a changed file has another.
    private struct Version: Hashable {
        let path: String
        let inode: UInt
        let size: Int
        let modified: Int
        let modifiedNanoseconds: Int
    }

    private struct Merged {
        let versions: [Version]
        let bundle: CABundle
    }

    // Reading files blocks, so it happens here and not on an event loop.
    private let queue = DispatchQueue(label: "postbote.certificates")
    private let merged = Mutex<[String: Merged]>([:])

    /// The certificates for `trust`.
    /// - Throws: `Failure` when its `ca_file` cannot be read or holds no certificate.
    func bundle(for trust: TrustSettings) async throws(Failure) -> CABundle {
        guard let caFile = trust.caFile, trust.verifyCertificate else { return .system }
        let result: Result<CABundle, Failure> = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.merge(caFile)) }
        }
        return try result.get()
    }

    private func merge(_ caFile: String) -> Result<CABundle, Failure> {
        do throws(SystemError) {
            // A machine without certificates of its own trusts what is added, and nothing else.
            let hasSystem = access(CABundle.system.path, F_OK) == 0
            let versions = try (hasSystem ? [CABundle.system.path] : []).map(version) + [version(of: caFile)]
            if let known = merged.withLock({ $0[caFile] }), known.versions == versions {
                return .success(known.bundle)
            }
            let added = try contents(of: caFile)
            guard String(decoding: added, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
                return .failure(unusable(caFile, "it holds no PEM certificate"))
            }
            let newline = UInt8(ascii: "\n")
            let system = hasSystem ? try contents(of: CABundle.system.path) : []
            let bundle = try CABundle(certificates: system + [newline] + added)
            merged.withLock { $0[caFile] = Merged(versions: versions, bundle: bundle) }
            return .success(bundle)
        } catch {
            return .failure(unusable(caFile, "\(error)"))
        }
    }

    private func unusable(_ caFile: String, _ why: String) -> Failure {
        Failure(
            .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "connect",
            reason: "The certificates of ca_file \(caFile) cannot be used: \(why). Correct the file or its path.")
    }

    private func version(of path: String) throws(SystemError) -> Version {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError(code: errno) }
        return Version(
            path: path, inode: status.st_ino, size: status.st_size, modified: status.st_mtim.tv_sec,
            modifiedNanoseconds: status.st_mtim.tv_nsec)
    }

    private func contents(of path: String) throws(SystemError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError(code: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = read(file, &piece, piece.count)
            guard count >= 0 else { throw SystemError(code: errno) }
            guard count > 0 else { return bytes }
            guard bytes.count + count <= Limits.caFile else { throw SystemError(code: EFBIG) }
            bytes += piece[..<count]
        }
    }
}
