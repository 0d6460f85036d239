import Diagnostics
import MailModel
import Sessions
import TestSupport
import Testing

/// Removing messages where EXPUNGE would remove what other programs have marked.
@Suite("Deleting without UID EXPUNGE") struct ExpungeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var capabilities = ChangingDialog.Capabilities.bare
        let dialog: String
        /// What the failure says, where there is one.
        var failure: String?
        var testDescription: String { name }
    }

    private static let mark = "C: $f UID STORE 5:6 +FLAGS.SILENT (\\Deleted)\nS: $f OK done\n"
    private static let findAll = "C: $g UID SEARCH DELETED\nS+ * SEARCH 2 5 6 9\nS: $g OK done\n"
    private static let unmark = "C: $h UID STORE 2,9 -FLAGS.SILENT (\\Deleted)\n"
    private static let findOurs = "C: $i UID SEARCH DELETED\nS+ * SEARCH 5 6\nS: $i OK done\n"
    private static let expunge = "C: $j EXPUNGE\nS+ * 5 EXPUNGE\nS+ * 5 EXPUNGE\nS: $j OK done\n"
    private static let giveBack = "C: $k UID STORE 2,9 +FLAGS.SILENT (\\Deleted)\n"
    private static let done = "S: $k OK done"

    static let whole = mark + findAll + unmark + "S: $h OK done\n" + findOurs + expunge + giveBack + done

    static let cases: [Case] = [
        Case(name: "Nothing else is marked", dialog: mark + findOurs + expunge),
        Case(
            name: "Nothing else is marked, in ranges", capabilities: .bareExtended,
            dialog: mark + "C: $g UID SEARCH RETURN (ALL) DELETED\nS+ * ESEARCH UID ALL 5:6\nS: $g OK done\n"
                + expunge),
        Case(name: "Others are marked: they lose the mark, and get it back", dialog: whole),
        Case(
            name: "One of ours is gone already",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS+ * SEARCH 6\nS: $g OK done\n" + expunge),
        Case(
            name: "All of ours are gone already: nothing is expunged",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS+ * SEARCH\nS: $g OK done\n"
                + "C: $h UID SEARCH UID 5:6\nS+ * SEARCH\nS: $h OK done"),
        Case(
            name: "All of ours are gone already, and others are marked",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS+ * SEARCH 2 9\nS: $g OK done\n" + unmark + "S: $h OK done\n"
                + "C: $i UID SEARCH DELETED\nS+ * SEARCH\nS: $i OK done\n"
                + "C: $j UID SEARCH UID 5:6\nS+ * SEARCH\nS: $j OK done\n" + giveBack + done),
        Case(
            name: "A server that finds nothing marked although ours are: nothing is expunged",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS+ * SEARCH\nS: $g OK done\n"
                + "C: $h UID SEARCH UID 5:6\nS+ * SEARCH 5 6\nS: $h OK done",
            failure: "does not find it"),
        Case(
            name: "A server that does not say what it found: nothing is expunged",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS: $g OK done", failure: "did not say what it found"),
        Case(
            name: "Another program marks more meanwhile",
            dialog:
                mark + "C: $g UID SEARCH DELETED\nS+ * SEARCH 2 5 6\nS: $g OK done\n"
                + "C: $h UID STORE 2 -FLAGS.SILENT (\\Deleted)\nS: $h OK done\n"
                + "C: $i UID SEARCH DELETED\nS+ * SEARCH 5 6 9\nS: $i OK done\n"
                + "C: $l UID STORE 9 -FLAGS.SILENT (\\Deleted)\nS: $l OK done\n"
                + "C: $m UID SEARCH DELETED\nS+ * SEARCH 5 6\nS: $m OK done\n" + expunge + giveBack + done),
        Case(
            name: "Another program never stops marking: nothing is expunged",
            dialog:
                mark
                + [1, 2, 3].map {
                    "C: $g\($0) UID SEARCH DELETED\nS+ * SEARCH \($0) 5 6\nS: $g\($0) OK done\n"
                        + "C: $h\($0) UID STORE \($0) -FLAGS.SILENT (\\Deleted)\nS: $h\($0) OK done\n"
                }.joined() + "C: $k UID STORE 1:3 +FLAGS.SILENT (\\Deleted)\n" + done,
            failure: "keep marking"),
        Case(name: "The mark is refused", dialog: mark.refused("f"), failure: "UID STORE"),
        Case(name: "The search is refused", dialog: mark + findAll.refused("g"), failure: "UID SEARCH"),
        Case(
            name: "The others' marks cannot be taken: those that were are given back",
            dialog:
                mark + findAll + unmark + "S: $h NO not all\n" + giveBack + done, failure: "UID STORE"),
        Case(
            name: "The second search is refused: the marks are given back",
            dialog:
                mark + findAll + unmark + "S: $h OK done\n" + findOurs.refused("i") + giveBack + done,
            failure: "UID SEARCH"),
        Case(
            name: "EXPUNGE is refused: the marks are given back",
            dialog:
                mark + findAll + unmark + "S: $h OK done\n" + findOurs + expunge.refused("j") + giveBack + done,
            failure: "EXPUNGE"),
        Case(
            name: "EXPUNGE is refused, and the marks cannot be given back: both are said",
            dialog:
                mark + findAll + unmark + "S: $h OK done\n" + findOurs + expunge.refused("j") + giveBack
                + "S: $k NO not now", failure: "2 messages"),
        Case(
            name: "The marks cannot be given back: that is said",
            dialog:
                mark + findAll + unmark + "S: $h OK done\n" + findOurs + expunge + giveBack + "S: $k BAD not now",
            failure: "2 messages"),
    ]

    @Test("removes ours, and nobody else's", arguments: cases)
    func dance(_ given: Case) async throws {
        try await ChangingDialog.run(given.capabilities, given.dialog) { mailbox in
            guard let text = given.failure else { return try await mailbox.delete(ChangingDialog.ours) }
            let failure = await #expect(throws: Failure.self) { try await mailbox.delete(ChangingDialog.ours) }
            #expect(failure?.scope == .folder && failure?.retry == .later(after: nil))
            #expect(failure?.description.contains(text) == true, "\(String(describing: failure))")
            #expect(await !mailbox.isOutOfStep)
        }
    }

    // MARK: Interrupted

    /// The steps of the whole dance, from SELECT on.
    static let places: [Int] = {
        guard let all = try? ChangingDialog.dialog(.bare, whole).steps.count,
            let before = try? ChangingDialog.dialog(.bare, "").steps.count
        else { return [] }
        return Array(before...all)
    }()

    @Test("Wherever the server hangs up, no message of others is removed", arguments: places)
    func hangUp(count: Int) async throws {
        let dialog = try ChangingDialog.dialog(.bare, Self.whole)
        let server = try await ScriptedServer.start([dialog.hangingUp(after: count)])
        let failure = try await ChangingDialog.run(on: server) { mailbox -> Failure? in
            do {
                try await mailbox.delete(ChangingDialog.ours)
                return nil
            } catch { return error as? Failure }
        }
        try await server.finished()
        var folder = MarkedFolder(others: ChangingDialog.set(2, 9))
        for line in server.records.first?.transcript.clientLines ?? [] { try folder.hear(line) }
        let others = UIDSet(UID.min...UID(9)!).subtracting(ChangingDialog.ours)
        #expect(others.subtracting(folder.present).isEmpty, "removed: \(others.subtracting(folder.present))")
        if count < dialog.steps.count {
            #expect(failure?.scope == .direction)
        } else {
            #expect(failure == nil)
            #expect(folder.present == others && folder.marked == ChangingDialog.set(2, 9))
        }
        await server.stop()
    }
}

extension String {
    /// The same dialog, in which the command with this tag is refused.
    fileprivate func refused(_ tag: String) -> String {
        split(separator: "\n").filter { !$0.hasPrefix("S+") }.joined(separator: "\n")
            .replacing("S: $\(tag) OK done", with: "S: $\(tag) NO not now") + "\n"
    }
}

/// What a folder of 9 messages holds after what a client said, all of which was done.
private struct MarkedFolder {
    var present = UIDSet(UID.min...UID(9)!)
    var marked: UIDSet

    init(others: UIDSet) { marked = others }

    mutating func hear(_ line: String) throws {
        if let store = line.firstMatch(of: /UID STORE ([0-9,:]+) ([+-])FLAGS.SILENT \(\\Deleted\)/) {
            let uids = UIDSet(
                ranges: store.1.split(separator: ",").map { part in
                    let ends = part.split(separator: ":").compactMap { UInt32($0) }
                    return (ends.first ?? 0)...(ends.last ?? 0)
                })
            marked = store.2 == "+" ? marked.union(uids.intersection(present)) : marked.subtracting(uids)
        } else if line.contains("EXPUNGE") {
            present = present.subtracting(marked)
            marked = UIDSet()
        }
    }
}
