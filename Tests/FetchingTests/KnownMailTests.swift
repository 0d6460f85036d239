import Diagnostics
import MailModel
import Testing

@testable import Fetching
@testable import Store

@Suite("A message after a move") struct KnownMailTests {
    private static let folder = FolderID(1)
    private static let former = FolderID(2)
    private static let other = FolderID(3)
    private static let epoch = Epoch(rawValue: 5)
    private static let start = Timestamp(seconds: 0)
    private static let old = Epoch(rawValue: 4)

    private static func row(
        _ id: Int64, _ epoch: Epoch = old, in folder: FolderID = folder, list: UInt8? = nil, to: UInt8? = nil,
        serverID: String? = nil, removed: Bool = false, state: LedgerState = .delivered
    ) -> LedgerRow {
        LedgerRow(
            id: LedgerID(id), folder: folder, epoch: epoch, uid: UID(UInt32(id))!, state: state, deliveryKey: nil,
            contentHash: nil, contentSize: nil, traits: traits(list: list, to: to, serverID: serverID),
            isDoubtful: false, reason: nil, noted: start, delivered: nil,
            removed: removed ? start : nil)
    }

    private static func traits(list: UInt8? = nil, to: UInt8? = nil, serverID: String? = nil) -> MessageTraits {
        MessageTraits(
            date: start, listIDHash: list.map { [$0] }, deliveredToHash: to.map { [$0] }, serverID: serverID)
    }

    private static var undated: MessageTraits {
        var traits = traits()
        traits.date = nil
        return traits
    }

    /// A decision by the numbers of its rows.
    enum Decision: Hashable {
        case known(Int64)
        case new
        case indistinct([Int64])

        init(_ decision: KnownMail.Decision) {
            self =
                switch decision {
                case .known(let row): .known(row.id.rawValue)
                case .new: .new
                case .indistinct(let rivals): .indistinct(rivals.map(\.rawValue))
                }
        }
    }

    private static func known(_ id: Int64) -> Decision { .known(id) }
    private static func indistinct(_ ids: Int64...) -> Decision { .indistinct(ids) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [LedgerRow]
        var message: MessageTraits
        var decision: Decision

        init(
            _ name: String, _ rows: [LedgerRow], _ message: MessageTraits = KnownMailTests.traits(),
            is decision: Decision
        ) {
            testDescription = name
            self.rows = rows
            self.message = message
            self.decision = decision
        }
    }

    static let cases: [Case] = [
        Case("with nothing known", [], is: .new),
        Case("is the first known one", [row(1), row(2)], is: known(1)),
        Case("is the next one when one is taken", [row(1, epoch), row(2)], is: known(2)),
        Case("that came through the same list", [row(1), row(2, list: 9)], traits(list: 9), is: known(2)),
        Case("that came through a list, the direct one known", [row(1)], traits(list: 9), is: .new),
        Case("for the same address", [row(1, to: 1), row(2, to: 2)], traits(to: 2), is: known(2)),
        Case("for another address", [row(1, to: 1)], traits(to: 2), is: .new),
        Case("without the address", [row(1, to: 1)], is: known(1)),
        Case("one more than known, all alike", [row(1, epoch)], is: indistinct(1)),
        Case("one more than known, all alike, of two", [row(1, epoch), row(2, epoch)], is: indistinct(1, 2)),
        Case(
            "one more than known: what differs is not in question", [row(1, epoch, list: 9), row(2, epoch)],
            is: indistinct(2)),
        Case("like one whose content tells", [row(1, .indistinct)], is: indistinct()),
        Case("like one that we removed", [row(1, removed: true)], is: indistinct()),
        Case("like one of a folder that is no more", [row(1, old, in: former)], is: known(1)),
        Case(
            "like one of this folder and one of a folder that is no more",
            [row(1, old, in: former), row(2, old)], is: known(2)),
        Case("for which another one was delivered in doubt", [row(1, .superseded)], is: indistinct()),
        Case(
            "beside one that was delivered in doubt, for the known one", [row(2), row(1, .superseded)], is: known(2)),
        Case(
            "one more than known, of which one was delivered in doubt", [row(2, epoch), row(1, .superseded)],
            is: indistinct(2)),
        Case("like one of another folder", [row(1, old, in: other)], is: .new),
        Case("known from an import", [row(1, .imported)], is: known(1)),
        Case("without Date, like a known one", [row(1), row(2)], undated, is: indistinct()),
        Case("without Date, through a list", [row(1, list: 9)], undated, is: .new),
        Case("too large before", [row(1, state: .tooLarge)], is: known(1)),
        Case(
            "with a known id of the server", [row(1, serverID: "M1"), row(2, serverID: "M2")], traits(serverID: "M2"),
            is: known(2)),
        Case(
            "with the id of the server, whatever else it says", [row(1, list: 9, serverID: "M1")],
            traits(serverID: "M1"), is: known(1)),
        Case(
            "on another server, which has ids of its own", [row(1, serverID: "M1")], traits(serverID: "X"),
            is: known(1)),
    ]

    @Test("is recognised by what headers say", arguments: cases)
    func decision(_ example: Case) {
        let mail = KnownMail(example.rows, in: Self.folder, epoch: Self.epoch, former: [Self.former])
        #expect(Decision(mail.decide(example.message)) == example.decision)
    }

    @Test("is recognised in a rehearsal, too, which changes no row")
    func rehearsal() {
        let rows = [Self.row(1), Self.row(2)]
        var changes = KnownMail.Changes()
        let decisions = (1...3).map { _ in
            let decision = KnownMail(
                rows, in: Self.folder, epoch: Self.epoch, former: [], changes: changes
            ).decide(Self.traits())
            changes.note(decision)
            return Decision(decision)
        }
        #expect(decisions == [Self.known(1), Self.known(2), Self.indistinct(1, 2)])
        #expect(changes.taken.isEmpty)
        #expect(changes.released == [LedgerID(1), LedgerID(2)])
    }
}
