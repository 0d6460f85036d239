import MailModel
import Testing

@testable import Delivery

@Suite("MaildirLayout")
struct MaildirLayoutTests {
    private func path(_ template: String, _ folder: String) throws -> String {
        let account = Account(name: try #require(Name("support")), address: "support@contoso.de")
        return MaildirLayout.path(template: template, account: account, folder: FolderPath(folder, delimiter: "/"))
            .path
    }

    @Test(
        "INBOX is the Maildir, other folders are Maildir++ subfolders",
        arguments: [
            ("/mail/{account}", "INBOX", "/mail/support"), ("/mail/{account}/", "inbox", "/mail/support"),
            ("/mail/{account}", "Kunden/2026", "/mail/support/.Kunden.2026"),
            ("/mail/{address}/{folder}", "Kunden/2026", "/mail/support@contoso.de/Kunden.2026"),
            ("/mail/{account}", "Gelöscht", "/mail/support/.Gelöscht"),
        ])
    func paths(template: String, folder: String, expected: String) throws {
        #expect(try path(template, folder) == expected)
    }

    @Test("what a server names never leaves the Maildir", arguments: ["../../etc", "a\u{0}b", "..", "a\nb", "x.y"])
    func hostile(name: String) throws {
        let path = MaildirLayout.path(
            template: "/mail", account: Account(name: try #require(Name("a")), address: "a@b"),
            folder: FolderPath(name, delimiter: nil)
        ).path
        let component = try #require(path.split(separator: "/", omittingEmptySubsequences: false).last)
        #expect(path.hasPrefix("/mail/."))
        #expect(!component.dropFirst().contains(".") && !component.contains("\u{0}") && !component.contains("\n"))
    }

    @Test("names that had to be changed stay different")
    func different() {
        #expect(MaildirLayout.sanitised("a.b") != MaildirLayout.sanitised("a/b"))
        let long = String(repeating: "ä", count: 300)
        #expect(MaildirLayout.sanitised(long + "1") != MaildirLayout.sanitised(long + "2"))
        #expect(MaildirLayout.sanitised(long).utf8.count < 200)
    }
}
