import Diagnostics
import Glibc
import Logging
import MailModel
import Synchronization
import TestSupport
import Testing

@testable import Operations

@Suite("The service's log")
struct ServiceLogTests {
    let directory: TemporaryDirectory
    init() throws { directory = try TemporaryDirectory(prefix: "pb") }

    /// A file that takes standard error's place, and what `JOURNAL_STREAM` says of it.
    private func stream() throws -> (descriptor: Int32, name: String) {
        let descriptor = open(directory("stderr"), O_RDWR | O_CREAT | O_APPEND, 0o600)
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        return (descriptor, "\(status.st_dev):\(status.st_ino)")
    }

    private func written() throws -> String { try Directory.text(of: directory("stderr")) }

    private func log(_ stream: Int32, _ journalStream: String?) -> ServiceLog {
        let environment = journalStream.map { ["JOURNAL_STREAM": $0] } ?? [:]
        return ServiceLog(
            environment: environment, identifier: "postbote", descriptor: stream, journal: directory("journal"))
    }

    @Test("writes lines with priorities where standard error is not the journal")
    func lines() throws {
        let (descriptor, name) = try stream()
        defer { close(descriptor) }
        for (index, variable) in [nil, "", "0:0", "x:y", "1:2:3", name + "0"].enumerated() {
            log(descriptor, variable).events(EventLevels()).record(.ready(accounts: index))
        }
        let expected = (0..<6).map { "<6>ready EVENT=ready ACCOUNTS=\($0)\n" }.joined()
        #expect(try written() == expected)
    }

    @Test("speaks the journal's protocol where JOURNAL_STREAM names standard error")
    func journal() throws {
        let (descriptor, name) = try stream()
        defer { close(descriptor) }
        let journal = DatagramSocket(path: directory("journal"))
        let key = DeliveryKey("00112233445566778899aabbccddeeff")!
        log(descriptor, name).events(EventLevels()).record(
            .messageDelivered(
                AccountName("support")!, folder: "INBOX", uid: UID(7)!, key: key, octets: 1234,
                to: DestinationName("inbox")!))
        let lines = journal.text.split(separator: "\n")
        #expect(lines.contains("PRIORITY=6"))
        #expect(lines.contains("EVENT=message_delivered"))
        #expect(lines.contains("ACCOUNT=support"))
        #expect(lines.contains("FOLDER=INBOX"))
        #expect(lines.contains("UID=7"))
        #expect(lines.contains("DELIVERY_KEY=00112233445566778899aabbccddeeff"))
        #expect(try written() == "")
    }

    @Test("sends an entry that no datagram holds as a memory file")
    func oversize() throws {
        let (descriptor, name) = try stream()
        defer { close(descriptor) }
        let journal = DatagramSocket(path: directory("journal"))
        let long = String(repeating: "x", count: 8 * 1024)
        let metadata = Dictionary(
            uniqueKeysWithValues: (0..<40).map { ("FIELD_\($0)", Logger.MetadataValue.string(long)) })
        let log = log(descriptor, name)
        log.logger("test").warning("much", metadata: metadata)
        log.flush()
        let text = journal.text
        #expect(text.utf8.count > 600_000)
        #expect(text.hasSuffix("\n"))
        #expect(text.split(separator: "\n").contains("FIELD_39=\(long)"))
    }

    @Test("falls back to standard error while the journal is away, and finds it again")
    func journalRestarts() throws {
        let (descriptor, name) = try stream()
        defer { close(descriptor) }
        let events = log(descriptor, name).events(EventLevels())
        events.record(.stopped())
        #expect(try written() == "<6>stopped EVENT=stopped\n")
        let journal = DatagramSocket(path: directory("journal"))
        events.record(.stopped())
        #expect(journal.text.hasPrefix("MESSAGE=stopped"))
    }

    @Test("does not block its caller while nobody reads, and loses nothing that the backlog holds")
    func fullPipe() async throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let log = log(ends[1], nil)
        let events = log.events(EventLevels())
        // A pipe holds 64 KB; this is several times that.
        for number in 0..<10_000 { events.record(.ready(accounts: number)) }
        let reader = Task.detached { [end = ends[0]] in
            var result: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(end, &buffer, buffer.count), count > 0 { result += buffer[..<count] }
            return String(decoding: result, as: UTF8.self)
        }
        log.flush()
        close(ends[1])
        let lines = await reader.value.split(separator: "\n").map { String($0) }
        #expect(lines == (0..<10_000).map { "<6>ready EVENT=ready ACCOUNTS=\($0)" })
    }

    @Test("counts and tells lines beyond the backlog")
    func overflow() {
        let sink = SlowSink()
        let queue = LogQueue(sink, limit: 2)
        sink.isOpen.withLock { $0 = false }
        // The first goes to the drain, which may or may not have taken it when the others come.
        for number in 0..<10 { queue.append([LogRecord(.info, "line \(number)", [:])]) }
        sink.open()
        queue.flush()
        let messages = sink.written.withLock { $0 }
        let lost = messages.compactMap { record in record.fields.first { $0.key == "LOST" }?.value }.compactMap {
            Int($0)
        }
        #expect(messages.count(where: { $0.message.hasPrefix("line") }) + lost.reduce(0, +) == 10)
        #expect(!lost.isEmpty)
    }

    @Test("events that are recorded together are a line each, in their order, of any length")
    func together() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        let log = log(ends[1], nil)
        // The longest is larger than a page; all together fit into the pipe.
        let accounts = (0..<100).map { String(repeating: "a", count: $0 == 50 ? 6000 : $0 * 3 + 1) }
        log.events(EventLevels()).record(accounts.map { Event(.ready, .info, "ready", [EventField(.account, $0)]) })
        log.flush()
        close(ends[1])
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(ends[0], &buffer, buffer.count), count > 0 { text += buffer[..<count] }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map { String($0) }
        #expect(lines == accounts.map { "<6>ready EVENT=ready ACCOUNT=\($0)" })
    }

    @Test("an event's account decides with its own level whether it is written")
    func levels() throws {
        let (descriptor, _) = try stream()
        defer { close(descriptor) }
        let levels = EventLevels(.warning, accounts: ["loud": .debug])
        let events = log(descriptor, nil).events(levels)
        for name in ["loud", "quiet"] {
            events.record(.folderOpened(AccountName(name)!, folder: "INBOX", uidValidity: UIDValidity(1), exists: 0))
            events.record(.messageGone(AccountName(name)!, folder: "INBOX", uid: UID(1)!))
        }
        #expect(try written().split(separator: "\n").count == 2)
        #expect(try !written().contains("quiet"))
        levels.replace(.info, accounts: [:])
        events.record(.messageGone(AccountName("quiet")!, folder: "INBOX", uid: UID(1)!))
        #expect(try written().contains("quiet"))
    }
}

/// A sink that takes nothing until it is opened.
private final class SlowSink: LogSink {
    let isOpen = Mutex(true)
    let written = Mutex<[LogRecord]>([])

    func write(_ records: ArraySlice<LogRecord>, waiting: Bool) -> Int {
        while !isOpen.withLock({ $0 }) {
            guard waiting else { return 0 }
            sched_yield()
        }
        written.withLock { $0 += records }
        return records.count
    }

    func open() { isOpen.withLock { $0 = true } }
}
