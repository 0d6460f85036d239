import CLinux
import Glibc

/// The journal's own socket, which takes fields as they are.
///
/// Invariant: every record is written somewhere. One that the journal cannot take goes to standard error, which the
/// journal reads too.
final class JournalSink: LogSink {
    static let standardPath = "/run/systemd/journal/socket"

    private let descriptor: Int32
    private let path: String
    private let identifier: String
    private let fallback: LineSink

    init?(path: String = standardPath, identifier: String, fallback: LineSink = LineSink(descriptor: 2)) {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, UnixAddress(path: path) != nil else { return nil }
        self.path = path
        self.identifier = identifier
        self.fallback = fallback
    }

    deinit { close(descriptor) }

    func write(_ records: ArraySlice<LogRecord>, waiting: Bool) -> Int {
        let refused = records.firstIndex { !write($0, waiting: waiting) }
        return (refused ?? records.endIndex) - records.startIndex
    }

    private func write(_ record: LogRecord, waiting: Bool) -> Bool {
        let entry = JournalEntry(record, identifier: identifier).bytes
        switch send(entry, waiting: waiting) {
        case 0: return true
        case EAGAIN where !waiting: return false
        case EMSGSIZE, ENOBUFS: return sendInMemoryFile(entry) || fallback.write([record], waiting: waiting) == 1
        default: return fallback.write([record], waiting: waiting) == 1
        }
    }

    /// 0 or errno.
    private func send(_ entry: [UInt8], waiting: Bool) -> Int32 {
        // Addressed each time, so that a journal that was restarted is found again.
        UnixAddress(path: path)!.with { address, length in
            while true {
                let flags = Int32(MSG_NOSIGNAL) | (waiting ? 0 : Int32(MSG_DONTWAIT))
                guard sendto(descriptor, entry, entry.count, flags, address, length) < 0 else { return 0 }
                guard errno == EINTR else { return errno }
            }
        }
    }

    /// What does not fit into a datagram travels as a sealed memory file whose descriptor is sent.
    private func sendInMemoryFile(_ entry: [UInt8]) -> Bool {
        let file = linux_sealed_memory_file("postbote-log", entry, entry.count)
        guard file >= 0 else { return false }
        defer { close(file) }
        return linux_send_descriptor(descriptor, path, file) == 0
    }
}
