import Diagnostics
import MailModel
import MailProtocol
import Sessions
import TestSupport
import Testing

/// What changes on a real server, with all its extensions and with none.
@Suite("Changes on a real server") struct DovecotChangesTests {
    private static let ours = ChangingDialog.set(2, 3, 6)

    @Test("Messages are marked as read, and no others", arguments: [DovecotMailbox.Capabilities.all, .none])
    func markSeen(capabilities: DovecotMailbox.Capabilities) async throws {
        let test = try await DovecotMailbox.start(capabilities)
        try test.deliver(4)
        try await test.visit { mailbox in
            try await mailbox.open()
            try await mailbox.markSeen(ChangingDialog.set(1, 3, 99))
            try await mailbox.markSeen(ChangingDialog.set(3))
        }
        #expect(try await test.stored() == [1: ["\\Seen"], 2: [], 3: ["\\Seen"], 4: []])
        await test.server.stop()
    }

    @Test(
        "Messages are deleted, and what another program has marked stays, with its mark",
        arguments: DovecotMailbox.Capabilities.allCases)
    func delete(capabilities: DovecotMailbox.Capabilities) async throws {
        let test = try await DovecotMailbox.start(capabilities)
        try test.deliver(3)
        try test.deliver(2, flags: "T")
        try test.deliver(2)
        try await test.visit { mailbox in
            try await mailbox.open()
            try await mailbox.delete(Self.ours)
            #expect(try await mailbox.present(UIDSet(UID.min...UID(7)!)).description == "1,4:5,7")
            #expect(try await mailbox.look(Look.Question(.all)).present.count == 4)
            // Again, and with one that never was there.
            try await mailbox.delete(Self.ours.union(ChangingDialog.set(99)))
            // One of the others' is ours, too.
            try await mailbox.delete(ChangingDialog.set(5, 7))
        }
        #expect(try await test.stored() == [1: [], 4: ["\\Deleted"]])
        await test.server.stop()
    }

    @Test("Many messages are deleted, and those of another program between them are not", arguments: [true, false])
    func deleteMany(hasAll: Bool) async throws {
        let test = try await DovecotMailbox.start(hasAll ? .all : .none)
        for _ in 0..<40 {
            try test.deliver(30)
            try test.deliver(1, flags: "T")
        }
        let others = UIDSet((1...40).compactMap { UID(UInt32($0) * 31) })
        try await test.visit { mailbox in
            try await mailbox.open()
            let all = try await mailbox.look(Look.Question(.all)).present
            #expect(all.count == 40 * 31)
            try await mailbox.delete(all.subtracting(others))
            #expect(try await mailbox.present(all) == others)
        }
        let stored = try await test.stored()
        #expect(stored.count == 40 && stored.values.allSatisfy { $0 == ["\\Deleted"] })
        await test.server.stop()
    }

    @Test("Messages are moved, and the server says where they are")
    func move() async throws {
        let test = try await DovecotMailbox.start()
        try test.deliver(1, folder: "Archive")
        try test.deliver(6)
        let (places, validity) = try await test.visit { mailbox in
            #expect(mailbox.canMove)
            let target = try await mailbox.folder("Archive")
            let validity = try await mailbox.select(target).uidValidity
            try await mailbox.open()
            let places = try await mailbox.move(Self.ours, to: target)
            #expect(try await mailbox.present(Self.ours).isEmpty)
            #expect(try await mailbox.look(Look.Question(.all)).present.count == 3)
            // They are gone: nothing is moved twice.
            #expect(try await mailbox.move(Self.ours, to: target).isEmpty)
            return (places, validity)
        }
        #expect(places.values.allSatisfy { $0.uidValidity == validity })
        #expect(places.mapValues(\.uid.rawValue) == [UID(2)!: 2, UID(3)!: 3, UID(6)!: 4])
        let moved = try await test.server.messages(of: DovecotMailbox.user, folder: "Archive")
        #expect(
            moved.map { String(decoding: $0.bytes.suffix(3), as: UTF8.self) } == ["0\r\n", "1\r\n", "2\r\n", "5\r\n"])
        #expect(try await test.stored().keys.sorted() == [1, 4, 5])
        await test.server.stop()
    }

    @Test(
        "Without MOVE messages are copied, and deleted in a step of its own",
        arguments: [DovecotMailbox.Capabilities.withoutMove, .none])
    func copyAndDelete(capabilities: DovecotMailbox.Capabilities) async throws {
        let test = try await DovecotMailbox.start(capabilities)
        try test.deliver(6)
        let places = try await test.visit { mailbox in
            #expect(!mailbox.canMove)
            try await mailbox.open()
            let places = try await mailbox.copy(Self.ours, to: mailbox.folder("Archive"))
            #expect(try await mailbox.present(Self.ours) == Self.ours)
            try await mailbox.delete(Self.ours)
            return places
        }
        // Dovecot says COPYUID whether it advertises UIDPLUS or not.
        #expect(places.mapValues(\.uid.rawValue) == [UID(2)!: 1, UID(3)!: 2, UID(6)!: 3])
        #expect(try await test.stored("Archive").keys.sorted() == [1, 2, 3])
        #expect(try await test.stored().keys.sorted() == [1, 4, 5])
        await test.server.stop()
    }

    @Test("A target that is missing is named, and nothing has changed", arguments: [true, false])
    func noTarget(moves: Bool) async throws {
        let test = try await DovecotMailbox.start()
        try test.deliver(2)
        try await test.visit { mailbox in
            try await mailbox.open()
            let target = RemoteFolder(serverName: "Erledigt", path: FolderPath(["Erledigt"]), role: nil)
            let failure = await #expect(throws: Failure.self) {
                let uids = ChangingDialog.set(1)
                _ = moves ? try await mailbox.move(uids, to: target) : try await mailbox.copy(uids, to: target)
            }
            #expect(failure?.condition == .noSuchFolder && failure?.place["target"] == "Erledigt")
            #expect(await !mailbox.isOutOfStep)
        }
        #expect(try await test.stored().count == 2)
        await test.server.stop()
    }

    @Test("A folder that may only be read is not opened for changing, and one without the right flag not changed")
    func rights() async throws {
        var options = DovecotOptions(users: [.init(DovecotMailbox.user)])
        options.extra = """
            mail_plugins = acl
            protocol imap {
              mail_plugins = acl imap_acl
            }
            plugin {
              acl = vfile
            }
            """
        let test = DovecotMailbox(server: try await DovecotServer.start(options))
        for (folder, rights) in [("Junk", "lr"), ("Trash", "lrs")] {
            try test.deliver(2, folder: folder)
            try await test.server.doveadm(
                ["acl", "set", "-u", DovecotMailbox.user, folder, "owner"]
                    + rights.map { ["l": "lookup", "r": "read", "s": "write-seen"][$0] ?? "" })
        }
        try await test.visit { mailbox in
            let readOnly = await #expect(throws: Failure.self) { try await mailbox.open("Junk") }
            #expect(readOnly?.retry == .whenReconfigured(by: .operatorOfPostbote), "\(String(describing: readOnly))")
            try await mailbox.open("Trash")
            try await mailbox.markSeen(ChangingDialog.set(1))
            let unable = await #expect(throws: Failure.self) { try await mailbox.delete(ChangingDialog.set(1)) }
            #expect(unable?.retry == .whenReconfigured(by: .operatorOfPostbote), "\(String(describing: unable))")
        }
        #expect(try await test.stored("Trash") == [1: ["\\Seen"], 2: []])
        #expect(try await test.stored("Junk").count == 2)
        await test.server.stop()
    }

    @Test("All messages of a folder are described in bounded batches, with the dates on which they came")
    func describe() async throws {
        let test = try await DovecotMailbox.start()
        try test.deliver(1_300)
        let batches = Watched<[[MessageSummary]]>([])
        let dated = try await test.visit { mailbox in
            try await mailbox.open(for: .reading)
            let present = try await mailbox.look(Look.Question(.all)).present
            try await mailbox.describe(present, .identity) { batch in batches.update { $0.append(batch) } }
            // One UID in two: a set that takes several commands.
            let odd = UIDSet(present.filter { $0.rawValue % 2 == 1 })
            return try await mailbox.describe(odd, .date)
        }
        #expect(batches.value.map(\.count) == [500, 500, 300])
        let all = batches.value.flatMap { $0 }
        #expect(all.map(\.uid.rawValue) == Array(1...1_300))
        #expect(all.map { $0.headers?.subject } == (0..<1_300).map { "\($0)" })
        #expect(all.allSatisfy { $0.internalDate == nil && $0.size != nil })
        #expect(dated.count == 650)
        // Dovecot takes the file's time: less than a day ago.
        let now = SystemClock().now
        #expect(
            dated.allSatisfy { summary in
                summary.headers == nil
                    && summary.internalDate.map { $0 > now - .seconds(86_400) && $0 <= now } ?? false
            })
        await test.server.stop()
    }

    @Test("POP3 deletes when it is closed, and not when the connection breaks", arguments: [true, false])
    func pop3(isClosed: Bool) async throws {
        let test = try await DovecotMailbox.start()
        try test.deliver(3)
        let connection = try await test.connect(.pop3)
        let mailbox = try await POP3Mailbox.signIn(
            try test.credential(), on: connection, numbering: InTheirOrder())
        _ = try await mailbox.select(await mailbox.folders()[0], for: .changing)
        try await mailbox.delete(ChangingDialog.set(1, 3))
        if isClosed {
            #expect(await mailbox.close() == nil)
        } else {
            await connection.close()
            #expect(await mailbox.close() != nil)
        }
        let left = try await test.visit { mailbox in
            try await mailbox.open(for: .reading)
            return try await mailbox.look(Look.Question(.all)).present.description
        }
        #expect(left == (isClosed ? "2" : "1:3"))
        await test.server.stop()
    }
}

private struct InTheirOrder: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) -> [UID] { listed.indices.compactMap { UID(UInt32($0 + 1)) } }
}
