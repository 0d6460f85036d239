import Diagnostics
import MailModel
import Sessions
import Testing

@testable import Fetching

@Suite("FolderSelection")
struct FolderSelectionTests {
    private let remote = [
        RemoteFolder(serverName: "INBOX", path: FolderPath("INBOX", delimiter: "."), role: .inbox),
        RemoteFolder(serverName: "Gel&APY-scht", path: FolderPath("Gelöscht", delimiter: "."), role: .trash),
        RemoteFolder(
            serverName: "Kunden.2026", path: FolderPath("Kunden.2026", delimiter: "."), role: nil, isSubscribed: true),
        RemoteFolder(serverName: "Kunden.2025", path: FolderPath("Kunden.2025", delimiter: "."), role: nil),
        RemoteFolder(serverName: "Kunden.2025.Alt", path: FolderPath("Kunden.2025.Alt", delimiter: "."), role: nil),
    ]

    private func settings(_ selectors: [FolderSettings.Selector], exclude: [FolderSettings.Selector] = []) throws
        -> ReceiveSettings
    {
        let signIn = SignInSettings(provider: try #require(Name("p")), login: "a@b", authorizedAs: "a@b")
        var settings = ReceiveSettings(
            signIn: signIn, endpoint: Endpoint(host: "localhost", port: 143, tls: .starttls),
            deliverTo: [try #require(Name("inbox"))])
        settings.folders = selectors.map { FolderSettings(selector: $0) }
        settings.exclude = exclude
        return settings
    }

    @Test(
        "selects by name, role, pattern and subscription",
        arguments: [
            ([.name("inbox")], [], ["INBOX"]),
            ([.role(.trash)], [], ["Gel&APY-scht"]),
            ([.name("Kunden/2026")], [], ["Kunden.2026"]),
            ([.pattern("Kunden/%")], [], ["Kunden.2026", "Kunden.2025"]),
            ([.pattern("Kunden/*")], [.pattern("*/Alt")], ["Kunden.2026", "Kunden.2025"]),
            ([.subscribed], [], ["Kunden.2026"]),
            ([.name("INBOX"), .pattern("*")], [.pattern("Gel*"), .pattern("*2025*")], ["INBOX", "Kunden.2026"]),
        ] as [([FolderSettings.Selector], [FolderSettings.Selector], [String])])
    func selects(selectors: [FolderSettings.Selector], exclude: [FolderSettings.Selector], expected: [String]) throws
    {
        let selection = FolderSelection(settings: try settings(selectors, exclude: exclude), remote: remote)
        #expect(selection.watched.map(\.folder.serverName) == expected)
        #expect(selection.missing.isEmpty)
    }

    @Test("a folder that is not there is a failure of that folder, with the names that are")
    func missing() throws {
        let selection = FolderSelection(settings: try settings([.name("Nope"), .name("INBOX")]), remote: remote)
        #expect(selection.watched.count == 1)
        let failure = try #require(selection.missing.first)
        #expect(failure.scope == .folder)
        #expect(failure.reason.contains("Nope") && failure.reason.contains("Kunden/2026"))
    }
}
