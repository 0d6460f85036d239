import Diagnostics
import MailModel
import Store
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A small message and a large one, whose body is a file, are accepted and sent; the "server" is a file that grows by a
/// line for every transaction it took.
struct SendLife {
    let store: Store
    let directory: String

    init(_ store: Store, directory: String) {
        self.store = store
        self.directory = directory
    }

    func run() async throws {
        let account = try await store.write { try $0.accounts.ensure(.support, at: .epoch) }
        for (index, size) in [100, 200_000].enumerated() {
            let id = try await accept(account, size: size, seed: UInt64(index))
            note("acknowledged", id)
            try await send(id)
        }
    }

    private func accept(_ account: AccountID, size: Int, seed: UInt64) async throws -> QueueID {
        var generator = RepeatableGenerator(state: seed)
        let writer = try store.bodyWriter(limit: 1 << 20, at: .epoch, using: &generator)
        try await writer.append([UInt8](repeating: UInt8(ascii: "x"), count: size)[...])
        let body = try await writer.finish()
        let submission = Submission(account: account, reversePath: "a@contoso.de", recipients: ["b@x.de", "c@x.de"])
        return try await store.write { try $0.queue.accept(submission, body: body, at: .epoch).id }
    }

    private func send(_ id: QueueID) async throws {
        let begun = try await store.write {
            try $0.queue.beginAttempt(id, nextTry: .epoch + .seconds(60), at: .epoch)
        }
        let attempt = try #require(begun)
        let mayGoOn = try await store.write { try $0.queue.commitMarker(id, attempt: attempt.number, at: .epoch) }
        #expect(mayGoOn)
        note("server", id)
        let report = AttemptReport(others: .sent(reply: "250 2.0.0 Ok"))
        try await store.write { try $0.queue.finishAttempt(id, attempt: attempt.number, report, at: .epoch) }
    }

    func checkAndFinish(wasOver: Bool) async throws {
        let interrupted = try await store.write { try $0.queue.endInterrupted(at: .epoch) }
        let again = try await store.write { try $0.queue.endInterrupted(at: .epoch) }
        #expect(again.isEmpty, "running it twice changes nothing")
        let taken = lines("server")
        var known: [QueuedMessage] = []
        for id in lines("acknowledged").compactMap({ QueueID($0) }) {
            let message = try #require(
                try await store.read { try $0.queue.find(id) }, "what was acknowledged is there")
            known.append(message)
            let body = try await store.body(of: id)
            #expect(body.size == message.size)
            #expect(try await !body.read(from: message.size - 1).isEmpty)
            checkState(message, wasTaken: taken.contains(id.description), interrupted)
        }
        if wasOver { #expect(known.map(\.state) == [.sent, .sent]) }
    }

    private func checkState(
        _ message: QueuedMessage, wasTaken: Bool, _ interrupted: [QueueTable<Writing>.Interrupted]
    ) {
        switch message.state {
        case .queued: #expect(!wasTaken)
        case .deferred:
            #expect(!wasTaken)
            #expect(message.nextAttempt == .epoch + .seconds(60), "the try that was recorded")
        case .sent: #expect(wasTaken)
        case .inDoubt: #expect(interrupted.contains { $0.id == message.id })
        default: Issue.record("unexpected state \(message.state)")
        }
    }

    // MARK: The world outside, which a crash does not undo

    private func note(_ file: String, _ id: QueueID) {
        let descriptor = open(directory + "/" + file, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        let line = Array("\(id)\n".utf8)
        _ = Glibc.write(descriptor, line, line.count)
        close(descriptor)
    }

    private func lines(_ file: String) -> [String] {
        let descriptor = open(directory + "/" + file, O_RDONLY)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = max(0, Glibc.read(descriptor, &bytes, bytes.count))
        return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
