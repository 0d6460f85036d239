import Diagnostics
import MailModel
import Sessions
import Testing

/// Servers that do not do what they are asked.
@Suite("A change that a server refuses") struct RefusedChangeTests {
    typealias Change = ChangeDialogTests.Change

    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let change: Change
        let dialog: String
        var testDescription: String { name }
    }

    private static let marking = "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Deleted)\n"

    static let cases: [Case] = ["NO not now", "NO [EXPUNGEISSUED] gone", "BAD Command Argument Error. 12"].flatMap {
        [
            Case(
                name: "\\Seen: \($0)", change: .markSeen,
                dialog: "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Seen)\nS: $f \($0)"),
            Case(name: "\\Deleted: \($0)", change: .delete, dialog: marking + "S: $f \($0)"),
            Case(
                name: "UID EXPUNGE: \($0)", change: .delete,
                dialog: marking + "S: $f OK done\nC: $g UID EXPUNGE 5:6\nS: $g \($0)"),
            Case(name: "UID MOVE: \($0)", change: .move, dialog: "C: $f UID MOVE 5:6 \"Done\"\nS: $f \($0)"),
            Case(name: "UID COPY: \($0)", change: .copy, dialog: "C: $f UID COPY 5:6 \"Done\"\nS: $f \($0)"),
        ]
    }

    @Test("is a failure of the folder, and the dialog is in step", arguments: cases)
    func refused(_ given: Case) async throws {
        let search = "\nC: $y UID SEARCH UID 5:6\nS+ * SEARCH 5\nS: $y OK done"
        try await ChangingDialog.run(.exchange, given.dialog + search) { mailbox in
            let failure = await #expect(throws: Failure.self) {
                _ = try await given.change.run(ChangingDialog.ours, in: mailbox)
            }
            #expect(failure?.scope == .folder && failure?.retry == .later(after: nil))
            #expect(failure?.serverLine != nil)
            #expect(await !mailbox.isOutOfStep)
            let found = try await mailbox.present(ChangingDialog.ours)
            #expect(found.description == "5")
        }
    }

    @Test("After a refusal no further command goes out than those under way: Exchange hangs up after ten")
    func fewAtOnce() async throws {
        let uids = UIDSet(UID.min...UID(4_000)!)
        let refusals =
            ["f", "g", "h", "i"].map { "C: $\($0) UID STORE $*\n" }
            + ["f", "g", "h", "i"].map { "S+ $\($0) BAD no\n" }
        try await ChangingDialog.run(.exchange, refusals.joined()) { mailbox in
            _ = await #expect(throws: Failure.self) { try await mailbox.markSeen(uids) }
        }
    }

    @Test(
        "because there is no target is known by its condition, and names the target",
        arguments: [
            "[TRYCREATE] Mailbox doesn't exist: Done", "[TRYCREATE] no", "[NONEXISTENT] no", "Done does not exist.",
        ],
        [Change.move, .copy])
    func noTarget(text: String, change: Change) async throws {
        try await ChangingDialog.run(
            .exchange, "C: $f UID \(change.rawValue.uppercased()) 5:6 \"Done\"\nS: $f NO \(text)"
        ) {
            mailbox in
            let failure = await #expect(throws: Failure.self) {
                _ = try await change.run(ChangingDialog.ours, in: mailbox)
            }
            #expect(failure?.condition == .noSuchFolder && failure?.scope == .folder)
            #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
            #expect(failure?.reason.contains("no folder Done ") == true && failure?.place["target"] == "Done")
        }
    }

    @Test("A folder that the server opens for reading only cannot be opened for changing")
    func readOnly() async throws {
        let selected =
            "C: $e SELECT \"INBOX\"\nS+ * 9 EXISTS\nS+ * OK [UIDVALIDITY 7] valid\nS: $e OK [READ-ONLY] done"
        let failure = await #expect(throws: Failure.self) {
            try await ChangingDialog.run(.exchange, selected: selected, "") { _ in }
        }
        #expect(failure?.scope == .folder && failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(failure?.reason.contains("after_fetch") == true)
    }

    @Test(
        "A flag that the server does not keep is not set", arguments: ["()", "(\\\\Answered \\\\Flagged)"],
        [Change.markSeen, .delete])
    func flagNotKept(flags: String, change: Change) async throws {
        let selected =
            "C: $e SELECT \"INBOX\"\nS+ * 9 EXISTS\nS+ * OK [PERMANENTFLAGS \(flags)] x\n"
            + "S+ * OK [UIDVALIDITY 7] valid\nS: $e OK done"
        try await ChangingDialog.run(.exchange, selected: selected, "") { mailbox in
            let failure = await #expect(throws: Failure.self) {
                _ = try await change.run(ChangingDialog.ours, in: mailbox)
            }
            #expect(failure?.scope == .folder && failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
            #expect(failure?.reason.contains("PERMANENTFLAGS") == true)
        }
    }

    @Test(
        "A flag is set where the server keeps any, or does not say",
        arguments: ["", "S+ * OK [PERMANENTFLAGS (\\\\*)] x\n"])
    func flagKept(line: String) async throws {
        let selected = "C: $e SELECT \"INBOX\"\nS+ * 9 EXISTS\n\(line)S+ * OK [UIDVALIDITY 7] valid\nS: $e OK done\n"
        try await ChangingDialog.run(
            .exchange, selected: selected, "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Seen)\nS: $f OK done"
        ) { try await $0.markSeen(ChangingDialog.ours) }
    }

    @Test(
        "Where a folder was opened for reading nothing is said", arguments: [Change.markSeen, .delete, .move, .copy])
    func openForReading(change: Change) async throws {
        let examined =
            "C: $e EXAMINE \"INBOX\"\nS+ * 9 EXISTS\nS+ * OK [UIDVALIDITY 7] valid\nS: $e OK [READ-ONLY] done"
        try await ChangingDialog.run(.exchange, selected: examined, "", for: .reading) { mailbox in
            let failure = await #expect(throws: Failure.self) {
                _ = try await change.run(ChangingDialog.ours, in: mailbox)
            }
            #expect(failure?.scope == .folder)
        }
    }

    @Test("Opened for reading again, a folder is not changed any more")
    func openedAgain() async throws {
        let again = "C: $f EXAMINE \"INBOX\"\nS+ * 9 EXISTS\nS+ * OK [UIDVALIDITY 7] valid\nS: $f OK [READ-ONLY] done"
        try await ChangingDialog.run(.exchange, again) { mailbox in
            _ = try await mailbox.select(ChangingDialog.inbox)
            _ = await #expect(throws: Failure.self) { try await mailbox.markSeen(ChangingDialog.ours) }
        }
    }

    @Test("Messages do not move to where they are", arguments: [Change.move, .copy])
    func toItself(change: Change) async throws {
        try await ChangingDialog.run(.exchange, "") { mailbox in
            let failure = await #expect(throws: Failure.self) {
                let inbox = RemoteFolder(serverName: "Inbox", path: FolderPath(["Inbox"]), role: nil)
                switch change {
                case .move: _ = try await mailbox.move(ChangingDialog.ours, to: inbox)
                default: _ = try await mailbox.copy(ChangingDialog.ours, to: inbox)
                }
            }
            #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        }
    }

    /// All that is removed or arrives while something else is done counts: a look compares what it finds with that.
    @Test(
        "What a folder holds is counted on, whatever is done meanwhile, and also when that is refused",
        arguments: [
            "S+ * 5 EXPUNGE\nS+ * 5 EXPUNGE\nS: $f OK done", "S+ * 5 EXPUNGE\nS+ * 5 EXPUNGE\nS: $f NO not all",
            "S+ * VANISHED 5:6\nS: $f OK done", "S+ * 10 EXISTS\nS+ * 5 EXPUNGE\nS+ * VANISHED 6,10\nS: $f OK done",
        ])
    func counts(replies: String) async throws {
        let look = "\nC: $y UID SEARCH ALL\nS+ * SEARCH 1 2 3 4 7 8 9\nS: $y OK done"
        try await ChangingDialog.run(.exchange, "C: $f UID MOVE 5:6 \"Done\"\n" + replies + look) { mailbox in
            _ = try? await mailbox.move(ChangingDialog.ours, to: ChangingDialog.done)
            let look = try await mailbox.look(Look.Question(.all))
            #expect(look.present.count == 7)
        }
    }
}
