import Diagnostics
import MailModel
import Testing

@testable import Fetching
@testable import Store

@Suite("An order about fetched mail") struct MailOrderPlanTests {
    private typealias Copy = MailOrderPlan.Copy
    private static let mail = DestinationName("mail")!
    private static let key = DeliveryKey(bytes: [UInt8](repeating: 7, count: 16))!

    private static func copy(
        _ id: Int64, _ state: LedgerState = .delivered, in folder: String = "INBOX", epoch: Int64 = 1,
        isRecovering: Bool = false, removed: Bool = false, delivered: Int64 = 0, isWatched: Bool = true,
        isMoved: Bool = false
    ) -> Copy {
        var row = LedgerRow(
            id: LedgerID(id), folder: FolderID(folder == "INBOX" ? 1 : 2), epoch: Epoch(rawValue: epoch),
            uid: UID(UInt32(id))!, state: state, deliveryKey: key, contentHash: nil, contentSize: nil,
            traits: MessageTraits(), isDoubtful: false, reason: nil, noted: Timestamp(seconds: 0),
            delivered: state == .delivered ? Timestamp(seconds: delivered) : nil,
            removed: removed ? Timestamp(seconds: 9) : nil)
        if isMoved { row.movedPlace = MessagePlace(uidValidity: UIDValidity(7), uid: .min) }
        return Copy(
            row: row, path: FolderPath([folder]), epoch: Epoch(rawValue: 1), isRecovering: isRecovering,
            destinations: isWatched ? [mail] : nil)
    }

    /// What is decided; `nil`: it is refused.
    private func taken(
        _ order: MailOrder, _ copies: [Copy], folder: String? = nil, isPOP3: Bool = false
    ) -> [Int64]? {
        try? MailOrderPlan(order: order, folder: folder, isPOP3: isPOP3).decide(copies).map(\.row.id.rawValue)
    }

    private func refusal(
        _ order: MailOrder, _ copies: [Copy], folder: String? = nil, isPOP3: Bool = false
    ) -> MailOrderRefusal? {
        do throws(MailOrderRefusal) {
            _ = try MailOrderPlan(order: order, folder: folder, isPOP3: isPOP3).decide(copies)
            return nil
        } catch {
            return error
        }
    }

    @Test("is about all copies that are on the server, or the one in a folder", arguments: [MailOrder.seen, .delete])
    func copies(order: MailOrder) {
        let copies = [
            Self.copy(1), Self.copy(2, .duplicate, in: "Archive"),
            Self.copy(3, .duplicate, in: "Archive", removed: true),
            Self.copy(4, .duplicate, in: "Archive", epoch: 0),
        ]
        #expect(taken(order, copies) == [1, 2])
        #expect(taken(order, copies, folder: "Archive") == [2])
        #expect(refusal(order, copies, folder: "Spam") == MailOrderRefusal?.some(.notInFolder("Spam")))
    }

    @Test("is about a copy that we moved, unless the folder where it is now is watched since")
    func moved() {
        let moved = Self.copy(1, in: "Archive", removed: true, isMoved: true)
        #expect(taken(.delete, [moved]) == [1])
        #expect(taken(.delete, [moved, Self.copy(2, .duplicate, in: "Archive")]) == [2])
        #expect(taken(.delete, [moved, Self.copy(2, .duplicate)]) == [1, 2])
        #expect(taken(.redeliver(to: nil), [moved]) == [1])
    }

    @Test("waits for a folder that is being recovered, where the message has no UID for now")
    func recovering() {
        #expect(taken(.delete, [Self.copy(1, epoch: 0, isRecovering: true)]) == [1])
        #expect(
            refusal(.delete, [Self.copy(1, epoch: 0)])
                == MailOrderRefusal?.some(.notOnServer(removed: nil, movedTo: nil)))
    }

    @Test(
        "is not taken before every destination holds the message",
        arguments: [LedgerState.staged, .tooLarge, .skipped, .duplicate, .deferred, .quarantined, .gone])
    func notDelivered(state: LedgerState) {
        for order in [MailOrder.seen, .delete, .move(to: .role(.trash)), .redeliver(to: nil)] {
            #expect(refusal(order, [Self.copy(1, state)]) == MailOrderRefusal?.some(.notDelivered(state)))
        }
        // Delivered from here, and on its way again from there.
        if state == .staged {
            #expect(
                refusal(.delete, [Self.copy(1), Self.copy(2, .staged)])
                    == MailOrderRefusal?.some(.notDelivered(.staged)))
        }
    }

    @Test("is refused when nothing can come of it, and says why")
    func refused() {
        #expect(refusal(.delete, []) == MailOrderRefusal?.some(.unknownKey))
        #expect(refusal(.seen, [Self.copy(1)], isPOP3: true) == MailOrderRefusal?.some(.notWithPOP3))
        #expect(refusal(.move(to: .role(.trash)), [], isPOP3: true) == MailOrderRefusal?.some(.notWithPOP3))
        #expect(taken(.delete, [Self.copy(1)], isPOP3: true) == [1])
        #expect(taken(.redeliver(to: nil), [Self.copy(1)], isPOP3: true) == [1])
        let removed = Timestamp(seconds: 9)
        #expect(
            refusal(.delete, [Self.copy(1, removed: true)])
                == MailOrderRefusal?.some(.notOnServer(removed: removed, movedTo: nil)))
        #expect(
            refusal(.redeliver(to: nil), [Self.copy(1, removed: true)])
                == MailOrderRefusal?.some(.notOnServer(removed: removed, movedTo: nil)))
        #expect(
            refusal(.delete, [Self.copy(1, isWatched: false)])
                == MailOrderRefusal?.some(.notWatched(FolderPath(["INBOX"]))))
        #expect(
            refusal(.redeliver(to: nil), [Self.copy(1, isWatched: false)])
                == MailOrderRefusal?.some(.notWatched(FolderPath(["INBOX"]))))
        let other = DestinationName("crm")!
        #expect(
            refusal(.redeliver(to: other), [Self.copy(1)])
                == MailOrderRefusal?.some(.noSuchDestination(other, known: [Self.mail])))
    }

    @Test("to deliver again is about the last delivery, and about another copy where that is gone")
    func redelivered() {
        let copies = [
            Self.copy(1, in: "Junk", delivered: 5), Self.copy(2, delivered: 8),
            Self.copy(3, .duplicate, in: "Archive"),
        ]
        #expect(taken(.redeliver(to: Self.mail), copies) == [2])
        let removed = [Self.copy(1, removed: true), Self.copy(3, .duplicate, in: "Archive")]
        #expect(taken(.redeliver(to: nil), removed) == [3])
        #expect(taken(.redeliver(to: nil), copies, folder: "Junk") == [1])
    }
}
