import TestSupport
import Testing

/// Dovecot offers no MAILBOXID (RFC 8474) here: folders that have one are in FolderRenameTests and FetchPlanTests.
@Suite("Somebody changed the folders themselves:") struct ChangedFolderTests {
    private func account(receive: String = "folders: [INBOX, \"Kunden*\"]") async throws -> MovedAccount {
        let account = try await MovedAccount(folders: ["Kunden"], receive: receive)
        try account.arrive(account.compose(3))
        try account.arrive(account.compose(12), in: "Kunden")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        return account
    }

    @Test("a renamed folder keeps what is known of it, and only mail of the gap is delivered")
    func renamed() async throws {
        let account = try await account()
        try account.put([account.expect(account.compose(), in: "Kunden alt")], in: "Kunden")
        try await account.dovecot.renameFolder("Kunden", to: "Kunden alt", of: MovedAccount.user)
        try account.arrive(account.compose(1), in: "Kunden alt")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden", "Kunden alt"])
        let line = try #require(account.journal("folder_renamed").last)
        #expect(line.contains("FOLDER=\"Kunden alt\"") && line.contains("OLD_FOLDER=Kunden"), "\(line)")
        #expect(account.journal("folder_moved").isEmpty)
        #expect(try await account.folder("Kunden alt").fetched == 14)
        await account.stop()
    }

    @Test("a folder that is subscribed to is watched from then on, until it is not any more")
    func subscribed() async throws {
        let account = try await MovedAccount(folders: ["Kunden"], receive: "folders: [INBOX, subscribed]")
        let kunden = account.compose(3)
        try account.arrive(account.compose(2))
        try account.put(kunden, in: "Kunden")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        try await account.dovecot.doveadm("mailbox", "subscribe", "-u", MovedAccount.user, "Kunden")
        account.expectAgain(kunden, in: "Kunden")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        try await account.dovecot.doveadm("mailbox", "unsubscribe", "-u", MovedAccount.user, "Kunden")
        try account.put(account.compose(1), in: "Kunden")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        await account.stop()
    }

    @Test("a folder that changes case is the same folder")
    func changesCase() async throws {
        let account = try await account(receive: "folders: [INBOX, Kunden]")
        try await account.dovecot.renameFolder("Kunden", to: "KUNDEN", of: MovedAccount.user)
        try account.arrive(account.compose(2), in: "KUNDEN")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden", "KUNDEN"])
        #expect(account.journal("folder_renamed").count == 1)
        #expect(account.journal("folder_moved").isEmpty)
        await account.stop()
    }

    @Test("a folder that was deleted and made anew with other mail brings that, and knows the old mail")
    func recreated() async throws {
        let account = try await account()
        let known = account.arrived["Kunden"]!
        try await account.dovecot.deleteFolder("Kunden", of: MovedAccount.user)
        try await account.fetch()
        try await account.dovecot.createFolder("Kunden", of: MovedAccount.user)
        try account.put(Array(known.prefix(5)), in: "Kunden")
        try account.arrive(account.compose(3), in: "Kunden")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        #expect(try #require(account.lastRecovery(of: "Kunden")) == (5, 3, 0))
        await account.stop()
    }

    @Test(
        "a folder that was renamed while a new one took its name: each keeps its mail",
        arguments: ["once", "each"])
    func renamedAndReplaced(overlap: String) async throws {
        let account = try await account(receive: "folders: [INBOX, \"Kunden*\"], folders_overlap: \(overlap)")
        try await account.dovecot.renameFolder("Kunden", to: "Kunden 2025", of: MovedAccount.user)
        try await account.dovecot.createFolder("Kunden", of: MovedAccount.user)
        try account.arrive(account.compose(2), in: "Kunden")
        try account.arrive(account.compose(2), in: "Kunden 2025")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden", "Kunden 2025"])
        #expect(account.journal("folder_renamed").count == 1)
        #expect(account.journal("folder_moved").isEmpty)
        let folder = try await account.folder("Kunden 2025")
        #expect(folder.fetched == 14 && folder.duplicates == 0)
        #expect(try await account.folder("Kunden").fetched == 2)
        await account.stop()
    }

    @Test("mail that was put into another folder before its own was deleted is not delivered again")
    func dissolved() async throws {
        let account = try await account()
        let moved = Array(account.arrived["Kunden"]!.prefix(4))
        try account.put(moved)
        try await account.dovecot.deleteFolder("Kunden", of: MovedAccount.user)
        try account.arrive(account.compose(2))
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden"])
        #expect(try await account.status().mail.doubtful == 0)
        await account.stop()
    }
}
