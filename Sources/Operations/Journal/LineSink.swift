import Glibc

/// Lines with `<N>` priorities on a descriptor, usually standard error: what systemd and a terminal read (sd-daemon(3)).
struct LineSink: LogSink {
    let descriptor: Int32

    func write(_ records: ArraySlice<LogRecord>, waiting: Bool) -> Int {
        var rest = records
        while let record = rest.first, waiting || isWritable {
            // As many lines as fit into a page go together; one that is longer goes alone.
            var page = bytes(of: record)
            rest.removeFirst()
            while let line = rest.first.map(bytes), page.count + line.count <= Limits.logPageOctets {
                page += line
                rest.removeFirst()
            }
            write(page)
        }
        return records.count - rest.count
    }

    private func bytes(of record: LogRecord) -> [UInt8] {
        Array("<\(record.priority.rawValue)>\(LogLine(record))\n".utf8)
    }

    private func write(_ page: [UInt8]) {
        var rest = page[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written < 0, errno == EAGAIN {
                wait()
            } else if written == 0 || errno != EINTR {
                // Nobody reads any more: there is nowhere left to say so.
                return
            }
        }
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
