import Diagnostics
import MailModel
import Sessions
import Testing

@testable import Fetching
@testable import Store

@Suite("A folder of an unknown name") struct FolderRenameTests {
    private static func stored(
        _ id: Int64, _ name: String, validity: UInt32 = 7, mailboxID: String? = nil, server: String? = "a"
    ) -> StoredFolder {
        StoredFolder(
            id: FolderID(id), account: AccountID(1), serverName: name, role: nil, delimiter: "/",
            mailboxID: mailboxID,
            epoch: Epoch(rawValue: 1), server: server, uidValidity: UIDValidity(validity), cursor: nil,
            uidNextSeen: nil, existsSeen: nil, isRecovering: false, delivered: 0, doubtful: 0, recognised: 0,
            revised: 0, duplicates: 0, isBackfilling: false, sinceSeen: nil)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var former: [StoredFolder]
        var mailboxID: String?
        var found: Int64?

        init(_ name: String, _ former: [StoredFolder], mailboxID: String? = nil, is found: Int64?) {
            testDescription = name
            self.former = former
            self.mailboxID = mailboxID
            self.found = found
        }
    }

    static let cases: [Case] = [
        Case("is new", [], is: nil),
        Case("has the UIDVALIDITY of one that is gone", [stored(1, "Old")], is: 1),
        Case("has another UIDVALIDITY", [stored(1, "Old", validity: 8)], is: nil),
        Case("may be one of two", [stored(1, "Old"), stored(2, "Older")], is: nil),
        Case("differs in case from one of two", [stored(1, "Old"), stored(2, "NAME")], is: 2),
        Case(
            "has the MAILBOXID of one that is gone",
            [stored(1, "Old", mailboxID: "F1"), stored(2, "O2", mailboxID: "F2")],
            mailboxID: "F2", is: 2),
        Case("has another MAILBOXID", [stored(1, "Old", mailboxID: "F1")], mailboxID: "F2", is: nil),
        Case("is on another server", [stored(1, "Old", server: "b")], is: nil),
        Case("was seen before servers were remembered", [stored(1, "Old", server: nil)], is: 1),
    ]

    @Test("is a known one that was renamed, or not", arguments: cases)
    func former(_ example: Case) {
        let folder = RemoteFolder(serverName: "Name", path: FolderPath(["Name"]), role: nil)
        let facts = FolderFacts(uidValidity: UIDValidity(7), uidNext: nil, exists: 3, mailboxID: example.mailboxID)
        let found = FolderRename.former(of: folder, facts, on: "a", among: example.former)
        #expect(found?.id == example.found.map { FolderID($0) })
    }
}
