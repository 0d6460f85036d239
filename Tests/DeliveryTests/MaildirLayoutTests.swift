import Glibc
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

    @Test("no folder's name is too long for a file system, and long ones stay different")
    func joined() throws {
        let level = String(repeating: "ю", count: 45)
        let names = try ["1", "2"].map { try path("/mail", [level, level, level + $0].joined(separator: "/")) }
        #expect(names[0] != names[1])
        for name in names { #expect(name.utf8.count - "/mail/".utf8.count <= 255) }
        // What was short enough keeps the name that it has on disk.
        let short = [level, level, String(repeating: "x", count: 71)].joined(separator: "/")
        #expect(try path("/mail", short) == "/mail/." + short.replacing("/", with: "."))
        #expect(try path("/mail/{folder}", names[0]).utf8.count - "/mail/".utf8.count <= 255)
    }

    @Test("a name that is too long all the same is a failure of its folder alone")
    func tooLong() {
        #expect(SystemCallFailure.failure("mkdir", "/mail/x", errno: ENAMETOOLONG).scope == .folder)
        #expect(SystemCallFailure.failure("mkdir", "/mail/x", errno: EACCES).scope == .direction)
    }
}
