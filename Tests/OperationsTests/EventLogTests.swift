import Diagnostics
import MailModel
import Testing

@Suite("Events")
struct EventLogTests {
    let account = AccountName("support")!

    @Test("a change into a state in which somebody must act is a warning", arguments: DirectionState.allCases)
    func severity(state: DirectionState) {
        let event = Event.accountStateChanged(account, .receive, from: .ok, to: state)
        #expect((event.severity == .warning) == state.isProblem)
        #expect(event[.oldState] == "ok")
        #expect(event[.newState] == state.rawValue)
    }

    @Test("say where a failure happened, and their own account once")
    func failure() {
        let failure = Failure(
            .direction, .whenReauthorized, operation: "sign in", reason: "Anna must sign in again",
            serverLine: "NO AUTHENTICATE failed.", place: ["account": "other", "host": "imap.example"])
        let event = Event.accountStateChanged(
            account, .receive, from: .ok, to: .needsAuthorization, because: failure, until: Timestamp(seconds: 60))
        #expect(event.fields.count(where: { $0.key == .account }) == 1)
        #expect(event[.account] == "support")
        #expect(event["HOST"] == "imap.example")
        #expect(event[.operation] == "sign in")
        #expect(event[.serverLine] == "NO AUTHENTICATE failed.")
        #expect(event[.retry] == "when_reauthorized")
        #expect(event[.until] == "1970-01-01T00:01:00Z")
    }

    @Test("a look without news is for whoever looks for a fault")
    func fetched() {
        let quiet = Event.fetchFinished(account, folder: "INBOX", delivered: 0, octets: 0, after: .zero)
        let news = Event.fetchFinished(account, folder: "INBOX", delivered: 1, octets: 9, after: .milliseconds(1204))
        #expect(quiet.severity == .debug)
        #expect(news.severity == .info)
        #expect(news[.duration] == "1.204s")
    }

    @Test(
        "fields have names that the journal takes",
        arguments: [
            ("host", "HOST"), ("queue id", "QUEUE_ID"), ("hb.request.id", "HB_REQUEST_ID"), ("_x", "FIELD__X"),
            ("1st", "FIELD_1ST"), ("", "FIELD_"), ("größe", "GR____E"),
            (String(repeating: "a", count: 99), String(repeating: "A", count: 64)),
        ])
    func keys(name: String, key: String) { #expect(EventField.Key(name).description == key) }

    @Test("a recorder keeps them all for a test")
    func recorder() {
        let recorder = EventRecorder()
        let log = EventLog(recorder: recorder)
        log.record(.messageGone(account, folder: "INBOX", uid: UID(3)!))
        log.record(.folderOpened(account, folder: "INBOX", uidValidity: UIDValidity(1), exists: 0))
        #expect(recorder.events.map(\.name) == [.messageGone, .folderOpened])
        #expect(recorder.events(.messageGone)[0][.uid] == "3")
    }
}
