import TestSupport
import Testing

/// With `after_fetch: delete` nothing is left by which to see that UIDs mean other messages.
@Suite("The administrator deletes mail after fetching, and the mailbox was moved:") struct DeletedCopiesTests {
    enum Move: Sendable, CaseIterable, CustomTestStringConvertible {
        case anotherUIDValidity, belowTheCursor, underKnownUIDs, withTheSameUIDNEXT

        var testDescription: String {
            switch self {
            case .anotherUIDValidity: "UIDVALIDITY is another one"
            case .belowTheCursor: "UIDs start again below the cursor"
            case .underKnownUIDs: "new mail stands under known UIDs, UIDNEXT is higher than before"
            case .withTheSameUIDNEXT: "new mail stands under known UIDs, UIDNEXT is as before"
            }
        }
    }

    private static let folders = ["INBOX", "Archive"]

    @Test("all new mail is delivered, once, and then deleted", arguments: Move.allCases)
    func moved(_ move: Move) async throws {
        let account = try await MovedAccount(
            receive: "folders: [INBOX, Archive], after_fetch: delete, after_fetch_grace: 0s")
        try await account.dovecot.whileStopped {
            for folder in Self.folders {
                try account.arrive(account.compose(30), in: folder)
                try account.dovecot.renumber(
                    MovedAccount.user, folder: folder, Renumbering(uidValidity: 100, first: 101))
            }
        }
        try await account.fetch()
        for folder in Self.folders { #expect(try await account.isEmpty(folder)) }
        try await account.dovecot.whileStopped {
            for folder in Self.folders {
                // Two, under UIDs that none of the few that are looked at as anchors had.
                try account.arrive(account.compose(2), in: folder)
                try account.dovecot.renumber(MovedAccount.user, folder: folder, Self.renumbering(move))
            }
        }
        try await account.fetch()
        try account.expectAccounted(Self.folders)
        try account.arrive(account.compose(25), in: "Archive")
        try account.arrive(account.compose(1), in: "INBOX")
        try await account.fetch()
        try account.expectAccounted(Self.folders)
        for folder in Self.folders { #expect(try await account.isEmpty(folder), "\(folder)") }
        #expect(try await account.status().mail.doubtful == 0)
        await account.stop()
    }

    @Test("what a restore brought back is known by its content, and stays")
    func restored() async throws {
        let account = try await MovedAccount(
            receive: "folders: [INBOX], after_fetch: delete, after_fetch_grace: 0s")
        try account.arrive(account.compose(5))
        try await account.fetch()
        #expect(try await account.isEmpty("INBOX"))
        try await account.dovecot.whileStopped {
            try account.put(Array(account.arrived["INBOX"]!.prefix(3)))
            try account.arrive(account.compose(2))
            try account.dovecot.renumber(MovedAccount.user, Renumbering(uidValidity: 4711))
        }
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        #expect(try await account.status().mail.recognised == 3)
        #expect(try await account.dovecot.count(of: MovedAccount.user) == 3)
        await account.stop()
    }

    private static func renumbering(_ move: Move) -> Renumbering {
        switch move {
        case .anotherUIDValidity: Renumbering(uidValidity: 101)
        case .belowTheCursor: Renumbering(uidValidity: 100)
        case .underKnownUIDs: Renumbering(uidValidity: 100, first: 102, uidNext: 160)
        case .withTheSameUIDNEXT: Renumbering(uidValidity: 100, first: 102, uidNext: 131)
        }
    }
}

@Suite("Somebody emptied a folder, and much new mail came:") struct EmptiedFolderTests {
    /// None of the known UIDs is there any more: headers are looked at first, and all of it is new.
    @Test("all of it is delivered, once")
    func emptied() async throws {
        let account = try await MovedAccount()
        let folders = ["INBOX", "Archive"]
        for folder in folders { try account.arrive(account.compose(30), in: folder) }
        try await account.fetch()
        for folder in folders {
            try await account.dovecot.expunge(MovedAccount.user, folder: folder)
            try account.arrive(account.compose(40), in: folder)
        }
        try await account.fetch()
        try account.expectAccounted(folders)
        // And once more, in a new session.
        for folder in folders {
            try await account.dovecot.expunge(MovedAccount.user, folder: folder)
            try account.arrive(account.compose(40), in: folder)
        }
        try await account.dovecot.whileStopped()
        try await account.fetch()
        try account.expectAccounted(folders)
        let status = try await account.status()
        #expect(status.mail.doubtful == 0)
        #expect(status.mail.recognised == 0)
        await account.stop()
    }

    @Test("with after_fetch: delete that is no move, however much comes")
    func deletedByPostbote() async throws {
        let account = try await MovedAccount(
            receive: "folders: [INBOX], after_fetch: delete, after_fetch_grace: 0s")
        for _ in 0..<3 {
            try account.arrive(account.compose(30))
            try await account.dovecot.whileStopped()
            try await account.fetch()
        }
        try account.expectAccounted(["INBOX"])
        #expect(account.journal("folder_moved").isEmpty)
        await account.stop()
    }
}
