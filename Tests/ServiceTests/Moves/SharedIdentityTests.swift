import TestSupport
import Testing

/// Mail that shares or lacks what tells mail apart: as many are delivered as arrived, before a move and after it.
@Suite("The administrator moved a mailbox with mail that looks alike:") struct SharedIdentityTests {
    enum Kind: Sendable, CaseIterable, CustomTestStringConvertible {
        case listAndDirect, twoAddresses, reusedMessageID, withoutMessageID, sameSecond, identical

        var testDescription: String {
            switch self {
            case .listAndDirect: "a list's copy and the direct one"
            case .twoAddresses: "copies for two addresses"
            case .reusedMessageID: "a device that reuses its Message-ID and has no clock"
            case .withoutMessageID: "mail without Message-ID"
            case .sameSecond: "alarms of the same second, without Message-ID"
            case .identical: "identical mail"
            }
        }

        /// One more of its kind, beside `first`.
        func next(to first: ComposedMessage, in account: MovedAccount) -> ComposedMessage {
            let other = account.another(like: first)
            switch self {
            case .listAndDirect: return other.with("List-Id", "List \(other.token) <list\(other.token).example.test>")
            case .twoAddresses: return other.with("Delivered-To", "alias\(other.token)@example.test")
            case .reusedMessageID, .sameSecond: return other
            case .withoutMessageID: return account.compose().with("Message-ID", nil)
            case .identical: return first
            }
        }

        func first(in account: MovedAccount) -> ComposedMessage {
            let message = account.compose()
            return switch self {
            case .twoAddresses: message.with("Delivered-To", "anna@example.test")
            case .reusedMessageID: message.with("Date", nil)
            case .withoutMessageID, .sameSecond: message.with("Message-ID", nil)
            case .listAndDirect, .identical: message
            }
        }
    }

    @Test("as many are delivered as arrived", arguments: Kind.allCases)
    func alike(_ kind: Kind) async throws {
        let account = try await MovedAccount()
        let folders = ["INBOX", "Archive"]
        var firsts: [String: ComposedMessage] = [:]
        for folder in folders {
            let first = kind.first(in: account)
            firsts[folder] = first
            try account.arrive([first, kind.next(to: first, in: account)], in: folder)
        }
        try await account.fetch()
        try account.expectAccounted(folders)
        // One more before each move and after it; the second move meets what the first one left.
        for (validity, order) in [(4711, .reversed), (4712, .asDelivered), (4713, .reversed)]
            as [(UInt32, Renumbering.Order)]
        {
            for folder in folders { try account.arrive([kind.next(to: firsts[folder]!, in: account)], in: folder) }
            try await account.dovecot.whileStopped {
                for folder in folders {
                    try account.dovecot.renumber(
                        MovedAccount.user, folder: folder, Renumbering(uidValidity: validity, order: order))
                }
            }
            try await account.fetch()
            try account.expectAccounted(folders)
            for folder in folders { try account.arrive([kind.next(to: firsts[folder]!, in: account)], in: folder) }
            try await account.fetch()
            try account.expectAccounted(folders)
        }
        #expect(try await account.status().mail.doubtful == 0)
        await account.stop()
    }

    /// Of two that look alike one is gone and one is new: only the content tells which.
    @Test("one of two copies is gone and one is new", arguments: [true, false])
    func goneAndNew(isUndated: Bool) async throws {
        let account = try await MovedAccount()
        var first = account.compose()
        if isUndated { first["Date"] = nil }
        let second = account.another(like: first)
        try account.arrive([first, second])
        try await account.fetch()
        try await account.dovecot.whileStopped {
            try account.dovecot.lose([0], of: MovedAccount.user)
            try account.arrive([account.another(like: first), account.another(like: first)])
            try account.dovecot.renumber(MovedAccount.user, Renumbering(uidValidity: 4711))
        }
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        await account.stop()
    }
}
