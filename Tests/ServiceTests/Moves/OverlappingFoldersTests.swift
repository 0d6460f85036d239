import TestSupport
import Testing

@Suite("The same mail in two watched folders") struct OverlappingFoldersTests {
    private static let all = "folders: [INBOX, Archive, Junk]"

    @Test("is delivered once, or once for each folder, before a move and after it", arguments: ["once", "each"])
    func twoFolders(overlap: String) async throws {
        let account = try await MovedAccount(receive: "\(Self.all), folders_overlap: \(overlap)")
        let both = account.compose(4)
        try account.arrive(both + account.compose(2))
        // INBOX's copies are the first: a visit may begin between two folders' arrivals.
        try await account.fetch()
        if overlap == "once" {
            try account.put(both, in: "Archive")
        } else {
            try account.arrive(both, in: "Archive")
        }
        try account.arrive(account.compose(2), in: "Archive")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        try await account.dovecot.whileStopped {
            for folder in ["INBOX", "Archive"] {
                try account.dovecot.renumber(
                    MovedAccount.user, folder: folder, Renumbering(uidValidity: 4711, order: .reversed))
            }
        }
        try account.arrive(account.compose(1))
        try account.arrive(account.compose(1), in: "Archive")
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        let status = try await account.status()
        #expect(status.mail.duplicates == (overlap == "once" ? 4 : 0))
        #expect(status.mail.recognised == 12)
        #expect(status.mail.doubtful == 0)
        if overlap == "once" { #expect(account.journal("message_duplicate", "Archive").count == 4) }
        await account.stop()
    }

    @Test(
        "is delivered again with its key when it is dragged out of junk, also during a move",
        arguments: [false, true])
    func outOfJunk(isMoved: Bool) async throws {
        let account = try await MovedAccount(receive: Self.all)
        let junk = account.compose(3)
        try account.arrive(junk, in: "Junk")
        try account.arrive(account.compose(2))
        try await account.fetch()
        try await account.dovecot.whileStopped {
            try account.dovecot.lose([1], of: MovedAccount.user, folder: "Junk")
            try account.arrive([junk[1]])
            guard isMoved else { return }
            for folder in ["INBOX", "Junk"] {
                try account.dovecot.renumber(
                    MovedAccount.user, folder: folder, Renumbering(uidValidity: 4711))
            }
        }
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        let octets = junk[1].octets
        let keys = try ["INBOX", "Junk"].flatMap { try account.delivered(in: $0) }.filter { $0.octets == octets }
        #expect(keys.count == 2 && Set(keys.map(\.key)).count == 1)
        // Where it was delivered from INBOX, it is not again, wherever it goes and whatever moves.
        try await account.dovecot.whileStopped {
            try account.dovecot.renumber(MovedAccount.user, Renumbering(uidValidity: 4712, order: .reversed))
        }
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        #expect(try await account.status().mail.doubtful == 0)
        await account.stop()
    }

    @Test(
        "is not delivered again when it is moved to another watched folder, unless each wants it",
        arguments: ["once", "each"])
    func movedOn(overlap: String) async throws {
        let account = try await MovedAccount(receive: "\(Self.all), folders_overlap: \(overlap)")
        let mail = account.compose(5)
        try account.arrive(mail)
        try await account.fetch()
        try await account.dovecot.whileStopped {
            try account.dovecot.lose([0, 1], of: MovedAccount.user)
            try account.put(Array(mail.prefix(2)), in: "Archive")
        }
        if overlap == "each" { account.expectAgain(Array(mail.prefix(2)), in: "Archive") }
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        // And into junk, which is no reason to deliver it.
        try account.put([mail[3]], in: "Junk")
        if overlap == "each" { account.expectAgain([mail[3]], in: "Junk") }
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Archive", "Junk"])
        #expect(try await account.status().mail.duplicates == (overlap == "once" ? 3 : 0))
        await account.stop()
    }

    @Test("keeps to that on another server, where its folders have other names", arguments: ["once", "each"])
    func otherNames(overlap: String) async throws {
        let account = try await MovedAccount(
            folders: ["Kunden"], receive: "folders: [INBOX, \"Kunden*\"], folders_overlap: \(overlap)")
        let both = account.compose(3)
        // The other folder's copies come first in the ledger's order.
        try account.arrive(account.compose(4) + both)
        try await account.fetch()
        try account.put(both, in: "Kunden")
        if overlap == "each" { account.expectAgain(both, in: "Kunden") }
        try account.arrive(account.compose(2), in: "Kunden")
        try await account.fetch()
        var options = DovecotOptions(users: [.init(MovedAccount.user)])
        options.signer = account.dovecot.options.signer
        let new = try await DovecotServer.start(options)
        try await new.createFolder("Kunden neu", of: MovedAccount.user)
        try new.deliver(account.arrived["INBOX"]!.map(\.octets), to: MovedAccount.user)
        try new.deliver(
            (both + account.arrived["Kunden"]!.suffix(2)).map(\.octets), to: MovedAccount.user, folder: "Kunden neu")
        try account.arrive(account.compose(1), in: "Kunden neu", at: new)
        try await account.reload(to: new)
        try await account.fetch()
        try account.expectAccounted(["INBOX", "Kunden", "Kunden neu"])
        #expect(try await account.status().mail.doubtful == 0)
        await new.stop()
        await account.stop()
    }
}
