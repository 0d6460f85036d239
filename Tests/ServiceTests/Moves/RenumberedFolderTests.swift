import TestSupport
import Testing

/// The administrator restored, migrated or repaired the mailbox: the same messages stand under other UIDs.
@Suite("The administrator gave a folder's messages other UIDs") struct RenumberedFolderTests {
    enum Move: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case anotherUIDValidity, belowTheCursor, underKnownUIDs

        var testDescription: String {
            switch self {
            case .anotherUIDValidity: "UIDVALIDITY is another one"
            case .belowTheCursor: "UIDVALIDITY is the same, UIDs start again below the cursor"
            case .underKnownUIDs: "UIDVALIDITY is the same, UIDNEXT above the cursor, other messages under known UIDs"
            }
        }

        /// What the journal says.
        var reason: String {
            switch self {
            case .anotherUIDValidity: "UIDVALIDITY changed"
            case .belowTheCursor: "UIDs restarted below the cursor"
            case .underKnownUIDs: "other messages stand under known UIDs"
            }
        }
    }

    private static let folders = ["INBOX", "Archive"]

    /// One move after the other: in order, in reverse order, with some messages gone.
    @Test("with mail before, during and after: nothing is lost, nothing comes twice", arguments: Move.allCases)
    func moved(_ move: Move) async throws {
        let account = try await MovedAccount()
        try await account.dovecot.whileStopped {
            for folder in Self.folders {
                try account.arrive(account.compose(30), in: folder)
                try account.dovecot.renumber(
                    MovedAccount.user, folder: folder, Renumbering(uidValidity: 100, first: 3000))
            }
        }
        try await account.fetch()
        try await self.move(account, move, 1, .asDelivered, losing: [])
        try await self.move(account, move, 2, .reversed, losing: [])
        try await self.move(account, move, 3, .asDelivered, losing: Array(stride(from: 0, to: 30, by: 4)))
        try account.expectSameBytes(in: "INBOX")
        let status = try await account.status()
        #expect(status.mail.delivered == 2 * (30 + 3 * 5))
        #expect(status.mail.doubtful == 0)
        await account.stop()
    }

    private func move(
        _ account: MovedAccount, _ move: Move, _ number: UInt32, _ order: Renumbering.Order, losing places: [Int]
    ) async throws {
        let before = try await Self.states(account)
        for folder in Self.folders {
            // Nobody fetched these before the move.
            try account.arrive(account.compose(2), in: folder)
        }
        try await account.dovecot.whileStopped {
            for folder in Self.folders {
                try account.dovecot.lose(places, of: MovedAccount.user, folder: folder)
                try account.dovecot.renumber(
                    MovedAccount.user, folder: folder, Self.renumbering(move, number, order, after: before[folder]!))
                // The server gives these UIDs at the next look.
                try account.arrive(account.compose(2), in: folder)
            }
        }
        try await account.fetch()
        try account.expectAccounted(Self.folders)
        let after = try await Self.states(account)
        for folder in Self.folders {
            let (old, new) = (before[folder]!, after[folder]!)
            let known = old.messages - places.count
            #expect(new.recognised - old.recognised == known, "\(folder)")
            #expect(new.fetched - old.fetched == 4, "\(folder)")
            let moved = try #require(account.journal("folder_moved", folder).last)
            #expect(moved.contains(move.reason), "\(moved)")
            let recovered = try #require(account.lastRecovery(of: folder))
            #expect(recovered == (known, 4, 0), "\(folder)")
        }
        // It is an ordinary folder again.
        let moves = account.journal("folder_moved").count
        for folder in Self.folders { try account.arrive(account.compose(1), in: folder) }
        try await account.dovecot.whileStopped()
        try await account.fetch()
        try account.expectAccounted(Self.folders)
        #expect(account.journal("folder_moved").count == moves)
    }

    private struct FolderState {
        var uidValidity: UInt32
        var cursor: UInt32
        var messages: Int
        var recognised: Int
        var fetched: Int
    }

    private static func states(_ account: MovedAccount) async throws -> [String: FolderState] {
        var states: [String: FolderState] = [:]
        for name in folders {
            let folder = try await account.folder(name)
            states[name] = FolderState(
                uidValidity: try #require(folder.uidValidity), cursor: try #require(folder.cursor),
                messages: try #require(folder.messages), recognised: folder.recognised, fetched: folder.fetched)
        }
        return states
    }

    private static func renumbering(
        _ move: Move, _ number: UInt32, _ order: Renumbering.Order, after old: FolderState
    ) -> Renumbering {
        var renumbering = Renumbering(uidValidity: old.uidValidity, order: order)
        switch move {
        case .anotherUIDValidity: renumbering.uidValidity += 1
        case .belowTheCursor: renumbering.first = 3000 - 999 * number
        case .underKnownUIDs:
            renumbering.first = 3000 + 3 * number
            renumbering.uidNext = old.cursor + 20
        }
        return renumbering
    }
}
