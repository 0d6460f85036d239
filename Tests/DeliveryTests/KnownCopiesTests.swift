import Diagnostics
import MailModel
import Testing

@testable import Delivery
@testable import Store

@Suite("A message that looks like a known one") struct KnownCopiesTests {
    private static let inbox = FolderID(1)
    private static let junk = FolderID(2)
    private static let archive = FolderID(3)
    private static let former = FolderID(4)
    private static let epoch = Epoch(rawValue: 5)
    private static let start = Timestamp(seconds: 0)

    /// A row of a message with the identity in question.
    private static func row(
        _ id: Int64, in folder: FolderID = inbox, epoch: Epoch = epoch, content: UInt8 = 1, list: UInt8? = nil,
        to: UInt8? = nil, state: LedgerState = .delivered, removed: Bool = false, serverID: String? = nil
    ) -> LedgerRow {
        LedgerRow(
            id: LedgerID(id), folder: folder, epoch: epoch, uid: UID(UInt32(id))!, state: state, deliveryKey: key(id),
            contentHash: hash(content), contentSize: 1, traits: traits(list: list, to: to, serverID: serverID),
            isDoubtful: false, reason: nil, noted: start, delivered: start,
            removed: removed ? start : nil)
    }

    private static func key(_ id: Int64) -> DeliveryKey {
        DeliveryKey(bytes: [UInt8](repeating: UInt8(id), count: 16))!
    }

    private static func hash(_ content: UInt8) -> ContentHash {
        ContentHash(bytes: [UInt8](repeating: content, count: 32))!
    }

    private static func traits(list: UInt8? = nil, to: UInt8? = nil, serverID: String? = nil) -> MessageTraits {
        MessageTraits(
            date: start, messageIDHash: [1], listIDHash: list.map { [$0] }, deliveredToHash: to.map { [$0] },
            serverID: serverID)
    }

    private static func uids(_ numbers: UInt32...) -> UIDSet { UIDSet(numbers.compactMap { UID($0) }) }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rows: [LedgerRow]
        var message = KnownCopiesTests.traits()
        var content: UInt8 = 1
        var folder = KnownCopiesTests.inbox
        var overlap = ReceiveSettings.Overlap.once
        var gone: UIDSet?
        var verdict: KnownCopies.Verdict

        init(
            _ name: String, _ rows: [LedgerRow], is verdict: KnownCopies.Verdict,
            _ change: (inout Case) -> Void = { _ in }
        ) {
            testDescription = name
            self.rows = rows
            self.verdict = verdict
            change(&self)
        }
    }

    static let old = Epoch(rawValue: 4)

    static let cases: [Case] = [
        Case("nothing known", [], is: .new),
        Case("of an earlier epoch, with the same content", [row(1, epoch: old)], is: .known(LedgerID(1))),
        Case("released by a recovery, with the same content", [row(1, epoch: .indistinct)], is: .known(LedgerID(1))),
        Case("imported from a Maildir", [row(1, epoch: .imported)], is: .known(LedgerID(1))),
        Case("of a folder that is no more", [row(1, in: former)], is: .known(LedgerID(1))),
        Case("of an earlier epoch, with other content", [row(1, epoch: old)], is: .doubtful(LedgerID(1))) {
            $0.content = 2
            $0.gone = uids()
        },
        Case(
            "one for which another was delivered in doubt, and one for which none was",
            [row(1, epoch: .superseded), row(2, epoch: old)], is: .doubtful(LedgerID(2))
        ) {
            $0.content = 2
            $0.gone = uids()
        },
        Case("one for which another was delivered in doubt", [row(1, epoch: .superseded)], is: .new) {
            $0.content = 2
        },
        Case(
            "one for which another was delivered in doubt, with the same content", [row(1, epoch: .superseded)],
            is: .known(LedgerID(1))),
        Case(
            "one in another folder, for which another was delivered in doubt, and the second here",
            [row(1, in: archive, epoch: .superseded), row(2, in: archive), row(3)], is: .depends(on: uids(3))),
        Case("of an earlier epoch, not asked yet", [row(1, epoch: old)], is: .depends(on: uids())) { $0.content = 2 },
        Case("through a list, while the direct copy is known", [row(1, epoch: old)], is: .new) {
            $0.message = traits(list: 9)
        },
        Case("for another address than the known one", [row(1, epoch: old, to: 1)], is: .new) {
            $0.message = traits(to: 2)
        },
        Case("for an address that a host did not add to the known one", [row(1, epoch: old)], is: .known(LedgerID(1)))
        {
            $0.message = traits(to: 2)
        },
        Case("a known one was never delivered", [row(1, epoch: old, state: .tooLarge)], is: .new),
        Case("beside one in the same folder", [row(1)], is: .depends(on: uids(1))),
        Case("beside one that is still there", [row(1)], is: .new) { $0.gone = uids() },
        Case("one that is gone, with the same content", [row(1)], is: .known(LedgerID(1))) { $0.gone = uids(1) },
        Case("one that is gone, with other content: revised", [row(1)], is: .revised(LedgerID(1))) {
            $0.content = 2
            $0.gone = uids(1)
        },
        Case("one that is gone and one that is there", [row(1), row(2)], is: .revised(LedgerID(1))) {
            $0.content = 2
            $0.gone = uids(1)
        },
        Case("one that we removed, with other content: another mail", [row(1, removed: true)], is: .new) {
            $0.content = 2
            $0.gone = uids(1)
        },
        Case("one that we removed, with the same content: restored", [row(1, removed: true)], is: .known(LedgerID(1)))
        {
            $0.gone = uids(1)
        },
        Case("a device's next scan under the same Message-ID, without Date", [row(1)], is: .new) {
            $0.message.date = nil
            $0.content = 2
            $0.gone = uids(1)
        },
        Case("an alarm of the same second, without Message-ID", [row(1)], is: .new) {
            $0.message.messageIDHash = nil
            $0.content = 2
            $0.gone = uids(1)
        },
        Case("without Message-ID, moved away and back", [row(1)], is: .known(LedgerID(1))) {
            $0.message.messageIDHash = nil
            $0.gone = uids(1)
        },
        Case("without Date, in a second folder", [row(1, in: archive)], is: .duplicate(of: row(1, in: archive))) {
            $0.message.date = nil
        },
        Case("without Date, in a second folder, with other content", [row(1, in: archive)], is: .new) {
            $0.message.date = nil
            $0.content = 2
        },
        Case("the very UID again", [row(1)], is: .new) { $0.rows = [row(7)] },
        Case(
            "in a second folder, where another was delivered in doubt for it",
            [row(1, in: archive, epoch: .superseded)], is: .duplicate(of: row(1, in: archive, epoch: .superseded))),
        Case(
            "in a second folder, where another was delivered in doubt for one that looks alike",
            [row(1, in: archive, epoch: .superseded)], is: .new
        ) { $0.content = 2 },
        Case("in a second folder", [row(1, in: archive)], is: .duplicate(of: row(1, in: archive))),
        Case("in a second folder, each wanted", [row(1, in: archive)], is: .new) { $0.overlap = .each },
        Case("in a second folder, another copy", [row(1, in: archive, list: 9)], is: .new),
        Case("taken out of junk", [row(1, in: junk)], is: .again(key(1))),
        Case("put into junk", [row(1)], is: .duplicate(of: row(1))) { $0.folder = junk },
        Case(
            "in junk and elsewhere", [row(1, in: junk), row(2, in: archive)], is: .duplicate(of: row(2, in: archive))),
        Case(
            "the second copy here of two there", [row(1, in: archive), row(2, in: archive), row(3)],
            is: .duplicate(of: row(2, in: archive))),
        Case("the second copy here of one there", [row(1, in: archive), row(3)], is: .depends(on: uids(3))),
        Case("the second copy here of one there, asked", [row(1, in: archive), row(3)], is: .new) {
            $0.gone = uids()
        },
        Case("moved away and back", [row(1, in: archive), row(3)], is: .known(LedgerID(3))) { $0.gone = uids(3) },
        Case("the server says it is another one", [row(1, serverID: "M1")], is: .new) {
            $0.message = traits(serverID: "M2")
        },
        Case(
            "the server says it is the same one", [row(1, in: archive, list: 9, serverID: "M1")],
            is: .duplicate(of: row(1, in: archive, list: 9, serverID: "M1"))
        ) { $0.message = traits(serverID: "M1") },
    ]

    @Test("is told apart, or not delivered again", arguments: cases)
    func verdict(_ example: Case) {
        let rules = CopyRules(
            account: AccountID(1), folder: example.folder, overlap: example.overlap, former: [Self.former],
            roles: [Self.inbox: .inbox, Self.junk: .junk])
        let copies = KnownCopies(
            of: example.message, content: Self.hash(example.content), uid: UID(7)!, in: Self.epoch,
            among: example.rows, rules)
        #expect(copies.verdict(gone: example.gone) == example.verdict)
    }
}
