import Diagnostics
import MailModel
import Sessions
import Testing

/// What is said to a server when messages are changed, by what it can do.
@Suite("Changing messages") struct ChangeDialogTests {
    enum Change: String, Sendable {
        case markSeen, delete, move, copy

        /// - Returns: where the messages went: `5>7/55`, UIDVALIDITY first.
        func run(_ uids: UIDSet, in mailbox: any MailboxChanges) async throws -> [String] {
            let places: [UID: MessagePlace]
            switch self {
            case .markSeen:
                try await mailbox.markSeen(uids)
                places = [:]
            case .delete:
                try await mailbox.delete(uids)
                places = [:]
            case .move: places = try await mailbox.move(uids, to: ChangingDialog.done)
            case .copy: places = try await mailbox.copy(uids, to: ChangingDialog.done)
            }
            return places.map { "\($0.key)>\($0.value.uidValidity)/\($0.value.uid)" }.sorted()
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let change: Change
        var capabilities = ChangingDialog.Capabilities.exchange
        let dialog: String
        var places: [String] = []
        var testDescription: String { name }
    }

    private static let both = ["5>55/70", "6>55/71"]
    private static let marking = "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Deleted)\nS: $f OK done\n"
    private static let moving = "C: $f UID MOVE 5:6 \"Done\"\n"

    static let cases: [Case] = [
        Case(
            name: "\\Seen is added, and nothing asked back", change: .markSeen,
            dialog: "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Seen)\nS+ * 5 FETCH (FLAGS (\\\\Seen))\nS: $f OK done"),
        Case(
            name: "with UIDPLUS messages are marked and then expunged by UID", change: .delete,
            dialog: marking + "C: $g UID EXPUNGE 5:6\nS+ * 5 EXPUNGE\nS+ * 5 EXPUNGE\nS: $g OK done"),
        Case(
            name: "so they are in revision 2", change: .delete, capabilities: .revision2,
            dialog: marking + "C: $g UID EXPUNGE 5:6\nS: $g OK done"),
        Case(
            name: "MOVE tells where they went, before they are gone", change: .move, capabilities: .dovecot,
            dialog: moving + "S+ * OK [COPYUID 55 5:6 70:71] Moved\nS+ * 5 EXPUNGE\nS+ * 5 EXPUNGE\nS: $f OK done",
            places: both),
        Case(
            name: "MOVE tells it in its reply", change: .move,
            dialog: moving + "S: $f OK [COPYUID 55 6,5 71,70] done", places: both),
        Case(
            name: "MOVE tells it in a bare code", change: .move,
            dialog: moving + "S+ * [COPYUID 55 5:6 70:71] x\nS: $f OK done", places: both),
        Case(name: "MOVE does not tell", change: .move, dialog: moving + "S: $f OK MOVE completed."),
        Case(
            name: "Exchange tells with empty sets", change: .move,
            dialog: moving + "S+ * OK [COPYUID 55  ] x\nS: $f OK [COPYUID 55  ] MOVE completed."),
        Case(
            name: "sets of different lengths tell nothing", change: .move,
            dialog: moving + "S: $f OK [COPYUID 55 5:6 70:72] MOVE completed."),
        Case(
            name: "half a COPYUID tells nothing", change: .move,
            dialog: moving + "S+ * OK [COPYUID 55 5:6] x\nS+ * OK [COPYUID ] x\nS: $f OK [COPYUID 5:6 x] done"),
        Case(
            name: "messages that were not asked for are left out", change: .move,
            dialog: moving + "S: $f OK [COPYUID 55 4:7 69:72] done", places: both),
        Case(
            name: "a set of all UIDs tells no more than was asked", change: .move,
            dialog: moving + "S: $f OK [COPYUID 55 1:4294967295 1:4294967295] done", places: ["5>55/5", "6>55/6"]),
        Case(
            name: "one of two may be gone", change: .copy, capabilities: .uidPlusOnly,
            dialog: "C: $f UID COPY 5:6 \"Done\"\nS: $f OK [COPYUID 55 6 70] done", places: ["6>55/70"]),
    ]

    @Test("says what the server understands, and hears where the messages went", arguments: cases)
    func changes(_ given: Case) async throws {
        let places = try await ChangingDialog.run(given.capabilities, given.dialog) { mailbox in
            try await given.change.run(ChangingDialog.ours, in: mailbox)
        }
        #expect(places == given.places)
    }

    @Test("of no messages says nothing", arguments: [Change.markSeen, .delete, .move, .copy], [true, false])
    func nothing(change: Change, hasAll: Bool) async throws {
        guard hasAll || change != .move else { return }
        let places = try await ChangingDialog.run(hasAll ? .dovecot : .bare, "") { mailbox in
            try await change.run(UIDSet(), in: mailbox)
        }
        #expect(places.isEmpty)
    }

    @Test("A set that does not fit into one command becomes several, each of at most 500 messages")
    func many() async throws {
        let uids = UIDSet(UID.min...UID(1_200)!)
        let places = try await ChangingDialog.run(
            .exchange,
            """
            C: $f UID MOVE 1:500 "Done"
            C: $g UID MOVE 501:1000 "Done"
            C: $h UID MOVE 1001:1200 "Done"
            S+ $f OK [COPYUID 55 1:500 2001:2500] done
            S+ $g OK done
            S: $h OK [COPYUID 55 1001:1200 3001:3200] done
            """
        ) { try await $0.move(uids, to: ChangingDialog.done) }
        #expect(places.count == 700)
        #expect(places[UID(1_200)!] == MessagePlace(uidValidity: UIDValidity(55), uid: UID(3_200)!))
        #expect(places[UID(501)!] == nil)
    }

    @Test("MOVE is there or not", arguments: [(ChangingDialog.Capabilities.exchange, true), (.uidPlusOnly, false)])
    func canMove(capabilities: ChangingDialog.Capabilities, canMove: Bool) async throws {
        try await ChangingDialog.run(capabilities, "") { mailbox in
            #expect(mailbox.canMove == canMove)
            #expect(!mailbox.deletesAtClose)
            guard !canMove else { return }
            let failure = await #expect(throws: Failure.self) {
                try await mailbox.move(ChangingDialog.ours, to: ChangingDialog.done)
            }
            #expect(failure?.scope == .folder)
        }
    }

    struct Presence: Sendable, CustomTestStringConvertible {
        let name: String
        var capabilities = ChangingDialog.Capabilities.exchange
        let dialog: String
        /// `nil`: nothing is concluded.
        let present: String?
        var testDescription: String { name }
    }

    static let presences: [Presence] = [
        Presence(name: "both", dialog: "C: $f UID SEARCH UID 5:6\nS+ * SEARCH 5 6\nS: $f OK done", present: "5:6"),
        Presence(name: "one", dialog: "C: $f UID SEARCH UID 5:6\nS+ * SEARCH 6\nS: $f OK done", present: "6"),
        Presence(name: "none", dialog: "C: $f UID SEARCH UID 5:6\nS+ * SEARCH\nS: $f OK done", present: ""),
        Presence(
            name: "none, in ranges", capabilities: .dovecot,
            dialog: "C: $f UID SEARCH RETURN (ALL) UID 5:6\nS+ * ESEARCH (TAG \"x\") UID\nS: $f OK done", present: ""),
        Presence(
            name: "both, in ranges", capabilities: .dovecot,
            dialog: "C: $f UID SEARCH RETURN (ALL) UID 5:6\nS+ * ESEARCH UID ALL 5:6\nS: $f OK done", present: "5:6"),
        Presence(
            name: "more than was asked", dialog: "C: $f UID SEARCH UID 5:6\nS+ * SEARCH 1 6 9\nS: $f OK done",
            present: "6"),
        Presence(name: "no answer", dialog: "C: $f UID SEARCH UID 5:6\nS: $f OK done", present: nil),
        Presence(
            name: "no answer from a folder that is empty now",
            dialog: "C: $f UID SEARCH UID 5:6\nS+ * 0 EXISTS\nS: $f OK done", present: ""),
        Presence(name: "a refusal", dialog: "C: $f UID SEARCH UID 5:6\nS: $f NO not now", present: nil),
    ]

    @Test("What is there is what the server says, or nothing is concluded", arguments: presences)
    func present(_ given: Presence) async throws {
        try await ChangingDialog.run(given.capabilities, given.dialog) { mailbox in
            guard let present = given.present else {
                let failure = await #expect(throws: Failure.self) { try await mailbox.present(ChangingDialog.ours) }
                #expect(failure?.scope == .folder && failure?.retry == .later(after: nil))
                return
            }
            let found = try await mailbox.present(ChangingDialog.ours)
            #expect(found.description == present)
        }
    }

    @Test("Of several searches for what is there each must be answered", arguments: [true, false])
    func presentInPieces(isAnswered: Bool) async throws {
        let uids = UIDSet((0..<150).compactMap { UID(1_000_000_000 + $0 * 2) })
        let first = uids.first!
        let answer = isAnswered ? "S+ * SEARCH\n" : ""
        try await ChangingDialog.run(
            .bare,
            "C: $f UID SEARCH UID $*\nC: $g UID SEARCH UID $*\nS+ * SEARCH \(first)\nS+ $f OK done\n\(answer)S: $g OK done"
        ) { mailbox in
            guard isAnswered else {
                _ = await #expect(throws: Failure.self) { try await mailbox.present(uids) }
                return
            }
            let found = try await mailbox.present(uids)
            #expect(found == UIDSet(CollectionOfOne(first)))
        }
    }
}
