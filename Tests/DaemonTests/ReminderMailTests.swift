import Diagnostics
import MailModel
import Testing

@testable import Daemon

@Suite("A mail about what ends") struct ReminderMailTests {
    private func reminder(_ name: String, _ second: Int64, days: Int = 7) -> Reminder {
        let end = Timestamp(seconds: 1_800_000_000 + second)
        return Reminder(
            Expiry(subject: .consent(AccountName(name)!, nil), ends: end, cure: "Let \(name) sign in."), days: days)
    }

    @Test("is one for all that are due together, first what ends first, and not longer than anybody reads")
    func together() throws {
        let all = (0..<1000).map { reminder("a\($0)", Int64(1000 - $0)) }.sorted()
        let mail = try #require(ReminderMail(all)).notice
        #expect(mail.subject == "1000 things end soon, first the consent of a999 ends in 7 days or less")
        #expect(mail.text.hasPrefix("The consent of a999 ends on 2027-01-15T08:00:01Z.\nLet a999 sign in.\n"))
        #expect(mail.text.contains("And 980 more") && mail.text.utf8.count < 3000)
        #expect(ReminderMail([]) == nil)
    }

    @Test("is the same one after a crash, and another one at the next step")
    func key() throws {
        let keys = try [7, 7, 3].map { try #require(ReminderMail([reminder("anna", 0, days: $0)])).notice.key }
        #expect(keys[0] == keys[1] && keys[0] != keys[2])
    }
}
