import TestSupport
import Testing

@Suite("The administrator restored a large folder") struct LargeFolderTests {
    @Test("with 5,000 known messages and 3 new ones: 3 are fetched")
    func moved() async throws {
        let account = try await MovedAccount(receive: "")
        let known = account.compose(5000)
        try account.arrive(known)
        try await account.fetch()
        try await account.dovecot.whileStopped {
            try account.dovecot.renumber(
                MovedAccount.user, Renumbering(uidValidity: 4711, order: .reversed))
        }
        try account.arrive(account.compose(3))
        let rehearsed = try await account.rehearse()
        #expect(rehearsed == [.init(name: "INBOX", known: 5000, new: 3, doubtful: 0)])
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        try account.expectSameBytes()
        #expect(try #require(account.lastRecovery(of: "INBOX")) == (5000, 3, 0))
        let fetched = try #require(account.journal("fetch_finished", "INBOX").last)
        #expect(fetched.contains("DELIVERED=3 "), "\(fetched)")
        #expect(try await account.folder().recognised == 5000)
        await account.stop()
    }

    @Test("twice in a row, and the administrator resets the account: nothing comes twice")
    func reset() async throws {
        let account = try await MovedAccount(receive: "")
        try account.arrive(account.compose(30))
        try await account.fetch()
        for validity in [4711, 4712] as [UInt32] {
            try await account.dovecot.whileStopped {
                try account.dovecot.renumber(MovedAccount.user, Renumbering(uidValidity: validity))
            }
            try account.arrive(account.compose(1))
            try await account.fetch()
        }
        #expect(try await account.rehearse() == [.init(name: "INBOX", known: 32, new: 0, doubtful: 0)])
        #expect(try await account.service.run("reset", "anna").status == .exited(0))
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        #expect(try #require(account.lastRecovery(of: "INBOX")) == (32, 0, 0))
        await account.stop()
    }
}
