import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func makeLink(_ name: AccountName, lifetime: Duration, mail: Bool) async throws -> SignInLinkReport {
        _ = try await account(name)
        return FakePlane.link(name.text, lifetime, mail)
    }

    public func makeMissingLinks(lifetime: Duration, mail: Bool) async throws -> SignInLinkList {
        SignInLinkList(links: [
            FakePlane.link("info", lifetime, mail),
            SignInLinkReport(account: "support", person: "anna@contoso.de", problem: "no mail could be sent"),
        ])
    }

    private static func link(_ account: String, _ lifetime: Duration, _ mail: Bool) -> SignInLinkReport {
        SignInLinkReport(
            account: account, person: "\(account)@contoso.de",
            url: mail ? nil : "https://post.contoso.de/authorize/the-token",
            mailedTo: mail ? "\(account)@contoso.de" : nil, expires: .start + lifetime)
    }
}
