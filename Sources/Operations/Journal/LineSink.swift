import Glibc

/// Lines with `<N>` priorities on a descriptor, usually standard error: what systemd and a terminal read (sd-daemon(3)).
struct LineSink: LogSink {
    let descriptor: Int32

    func write(_ record: LogRecord, waiting: Bool) -> Bool {
        guard waiting || isWritable else { return false }
        var line = Array("<\(record.priority.rawValue)>\(LogLine(record))\n".utf8)[...]
        while !line.isEmpty {
            let written = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                line = line.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                wait()
            } else if written == 0 || errno != EINTR {
                // Nobody reads any more: there is nowhere left to say so.
                return true
            }
        }
        return true
    }

    /// A pipe or socket that polls writable has room for a page, hence for all but the longest lines.
    private var isWritable: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return Glibc.poll(&poll, 1, 0) != 0
    }

    private func wait() {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = Glibc.poll(&poll, 1, -1)
    }
}
