import TestSupport
import Testing

@Suite("The server revised a message") struct RevisedMessageTests {
    /// As Exchange does when somebody changes a draft, a category or an attachment ([MS-STANXIMAP] §2.1.2).
    @Test("and gave it a new UID: it is not delivered again, and counted", arguments: [false, true])
    func revised(isMoved: Bool) async throws {
        let account = try await MovedAccount()
        let folders = ["INBOX", "Archive"]
        for folder in folders { try account.arrive(account.compose(6), in: folder) }
        try await account.fetch()
        try await account.dovecot.whileStopped {
            for folder in folders {
                try account.dovecot.lose([2], of: MovedAccount.user, folder: folder)
                var generator = SeededGenerator(seed: 3)
                let original = account.arrived[folder]![2]
                try account.put([Rendering.changesMIME.render(original, using: &generator)], in: folder)
                guard isMoved else { continue }
                try account.dovecot.renumber(MovedAccount.user, folder: folder, Renumbering(uidValidity: 4711))
            }
        }
        for folder in folders { try account.arrive(account.compose(1), in: folder) }
        try await account.fetch()
        try account.expectAccounted(folders)
        let status = try await account.status()
        #expect(status.mail.revised == (isMoved ? 0 : 2))
        #expect(status.mail.recognised == (isMoved ? 12 : 0))
        #expect(status.mail.doubtful == 0)
        if !isMoved { #expect(account.journal("message_revised").count == 2) }
        await account.stop()
    }
}
