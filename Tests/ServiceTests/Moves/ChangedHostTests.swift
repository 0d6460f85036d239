import TestSupport
import Testing

/// The account's host changes in the configuration, from on premises to a server that renders every message anew.
@Suite("The administrator moved the mailboxes to another server") struct ChangedHostTests {
    @Test("that renders every message anew, and reloaded: only mail of the gap is delivered")
    func moved() async throws {
        let old = try await MovedAccount(folders: ["Kunden"], receive: Self.receive)
        var mail: [String: [ComposedMessage]] = [:]
        for folder in Self.folders {
            mail[folder] = Self.mail(old, of: folder)
            try old.arrive(mail[folder]!, in: folder)
        }
        try await old.fetch()
        let new = try await DovecotServer.start(Self.options(old))
        try await Self.move(mail, from: old, to: new, .everything)
        try await old.reload(to: new)
        try await old.fetch()
        try old.expectAccounted(Self.folders)
        for folder in Self.folders {
            let known = mail[folder]!.count
            #expect(try #require(old.lastRecovery(of: folder)) == (known, 3, 0), "\(folder)")
            #expect(try await old.folder(folder).recognised == known)
        }
        #expect(old.journal("folder_moved").allSatisfy { $0.contains("the account's host changed") })
        #expect(old.journal("folder_moved").count == Self.folders.count)
        // And there it goes on.
        try old.arrive(old.compose(1), at: new)
        try await old.fetch()
        try old.expectAccounted(Self.folders)
        #expect(try await old.status().mail.doubtful == 0)
        await new.stop()
        await old.stop()
    }

    /// Of mail without a Date nothing but the content tells one from the other, and that has changed.
    @Test("that renders mail without Date anew: it comes again, and is counted as doubtful")
    func undated() async throws {
        let account = try await MovedAccount(receive: "")
        let scans = account.compose(3).map { $0.with("Date", nil).with("Message-ID", "<scan@device.example.test>") }
        let dated = account.compose(2)
        try account.arrive(scans + dated)
        try await account.fetch()
        let new = try await DovecotServer.start(Self.options(account))
        try await Self.move(["INBOX": scans + dated], from: account, to: new, .everything)
        try await account.reload(to: new)
        try await account.fetch()
        // The three of the gap have a Date.
        account.expectAgain(scans)
        try account.expectAccounted(["INBOX"])
        #expect(try await account.status().mail.doubtful == 3)
        // The next scans are new ones.
        let next = account.compose(2).map { $0.with("Date", nil).with("Message-ID", "<scan@device.example.test>") }
        try account.arrive(next, at: new)
        try await account.fetch()
        try account.expectAccounted(["INBOX"])
        #expect(try await account.status().mail.doubtful == 3)
        await new.stop()
        await account.stop()
    }

    /// From one server to the next one, and from there to a third: what the second gave counts as known at the third.
    @Test("twice, with copies that only their content tells apart: as many arrive as were sent")
    func twice() async throws {
        let account = try await MovedAccount(receive: "")
        let first = account.compose()
        try account.arrive([first])
        try await account.fetch()
        var present = [first]
        var doubtful = 0
        for rendering in [Rendering.everything, [.changesMIME, .addsTraceFields], .everything] {
            let new = try await DovecotServer.start(Self.options(account))
            let copy = account.another(like: first)
            let rendered = Self.rendered(present + [copy], rendering)
            try new.deliver(rendered.map(\.octets), to: MovedAccount.user)
            account.expectAgain([copy])
            try await account.reload(to: new)
            try await account.fetch()
            present.append(copy)
            doubtful = try await account.status().mail.doubtful
            try account.expectNothingLost(inAllAtMostAgain: doubtful)
            await new.stop()
        }
        await account.stop()
    }

    private static let folders = ["INBOX", "Kunden"]
    private static let receive = "folders: [INBOX, Kunden]"

    private static func options(_ account: MovedAccount) -> DovecotOptions {
        var options = DovecotOptions(users: [.init(MovedAccount.user)])
        options.signer = account.dovecot.options.signer
        return options
    }

    /// Ordinary mail, a list's copy beside the direct one, mail without Message-ID.
    private static func mail(_ account: MovedAccount, of folder: String) -> [ComposedMessage] {
        var mail = account.compose(25)
        mail += mail.prefix(3).map { original in
            account.another(like: original).with("List-Id", "Kunden <kunden.example.test>")
        }
        mail += account.compose(4).map { $0.with("Message-ID", nil) }
        return mail
    }

    private static func rendered(_ mail: [ComposedMessage], _ rendering: Rendering) -> [ComposedMessage] {
        var generator = SeededGenerator(seed: 7)
        return mail.map { rendering.render($0, using: &generator) }
    }

    /// Puts the mail on the new server in another order, with three more in each folder.
    private static func move(
        _ mail: [String: [ComposedMessage]], from account: MovedAccount, to server: DovecotServer,
        _ rendering: Rendering
    ) async throws {
        for (folder, messages) in mail {
            if folder != "INBOX" { try await server.createFolder(folder, of: MovedAccount.user) }
            let gap = account.compose(3)
            account.expectAgain(gap, in: folder)
            let all = rendered(Array((messages + gap).reversed()), rendering)
            try server.deliver(all.map(\.octets), to: MovedAccount.user, folder: folder)
        }
    }
}
