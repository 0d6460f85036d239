import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Forgetting an account") struct ForgettingTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }

    init() throws { temporary = try TemporaryStore() }

    private func account(_ name: AccountName, uses credentials: [(ProviderName, String)]) async throws -> AccountID {
        let names = Set(credentials.map { CredentialName(provider: $0.0, subject: $0.1) })
        return try await store.write { transaction in
            let id = try transaction.accounts.ensure(name, at: .epoch)
            try transaction.accounts.setCredentials(of: id, names)
            return id
        }
    }

    @Test("leaves the credentials that another account uses, be it configured or not")
    func credentials() async throws {
        let first = try await account(.support, uses: [(.contoso, "Anna@contoso.de"), (.contoso, "")])
        let second = try await account(.info, uses: [(.contoso, "anna@contoso.de")])
        let own = try await store.read {
            (try $0.accounts.ownCredentials(of: first), try $0.accounts.ownCredentials(of: second))
        }
        #expect(own.0 == [CredentialName(provider: .contoso, subject: "")])
        #expect(own.1.isEmpty)
        #expect(try await store.write { try $0.accounts.forget(first) })
        #expect(
            try await store.read { try $0.accounts.ownCredentials(of: second) }
                == [CredentialName(provider: .contoso, subject: "anna@contoso.de")])
    }

    @Test("writes nothing when the credentials are the same as before")
    func unchanged() async throws {
        _ = try await account(.support, uses: [(.contoso, "anna@contoso.de")])
        let before = try await store.read { try $0.accounts.all() }
        _ = try await account(.support, uses: [(.contoso, "anna@contoso.de")])
        #expect(try await store.read { try $0.accounts.all() } == before)
    }

    @Test("goes piece by piece, names the files nobody needs any more, and the account last")
    func pieces() async throws {
        let id = try await account(.support, uses: [])
        let folder = try await store.write { transaction in
            let folder = try transaction.folders.ensure(id, serverName: "INBOX")
            let begun = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1))
            for number in 1...25 as ClosedRange<UInt32> {
                try transaction.obstacles.record(
                    folder.id, epoch: begun.epoch, uid: UID(number)!, nextAttempt: nil, reason: "no",
                    file: number == 20 ? "file" : nil, at: .epoch)
            }
            return begun
        }
        #expect(try await store.write { try $0.accounts.forget(id) } == false)
        var files: [String] = []
        var counts: [Int] = []
        while counts.last != 0 {
            let piece = try await store.write { try $0.ledger.forget(folder.id, limit: 10) }
            counts.append(piece.count)
            files += piece.files
        }
        #expect(counts == [10, 10, 5, 0])
        #expect(files == ["file"])
        try await store.write { try $0.folders.forget(folder.id) }
        #expect(try await store.write { try $0.accounts.forget(id) })
        #expect(try await store.read { try $0.accounts.all() }.isEmpty)
    }

    @Test("removes finished messages of the queue, and open ones only when asked to; one that is being sent stays")
    func queue() async throws {
        let id = try await account(.support, uses: [])
        var ids: [QueueID] = []
        for _ in 0..<3 {
            var generator = SystemRandomNumberGenerator()
            let content = try await store.bodyWriter(limit: 1000, at: .epoch, using: &generator).finish()
            let receipt = try await store.write {
                try $0.queue.accept(
                    Submission(account: id, reversePath: "a@b.de", recipients: ["c@d.de"]), body: content, at: .epoch)
            }
            ids.append(receipt.id)
        }
        let sending = ids[2]
        try await store.write { _ = try $0.queue.beginAttempt(sending, nextTry: .epoch, at: .epoch) }
        #expect(try await store.write { try $0.queue.forget(id, open: false, limit: 10) } == 0)
        #expect(try await store.write { try $0.queue.forget(id, open: true, limit: 10) } == 2)
        #expect(try await store.read { try $0.queue.find(sending) } != nil)
        #expect(try await store.write { try $0.accounts.forget(id) } == false)
    }
}
