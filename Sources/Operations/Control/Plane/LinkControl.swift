import MailModel

/// Links with which owners of mailboxes sign in by themselves.
public protocol LinkControl: Sendable {
    /// Makes a link for the owner of a mailbox; an earlier one for the same consent ends.
    ///
    /// - Parameters:
    ///   - lifetime: how long it is good for.
    ///   - mail: sends it to the owner, and keeps it from whoever asks.
    func makeLink(_ name: AccountName, lifetime: Duration, mail: Bool) async throws -> SignInLinkReport

    /// Makes one for each consent that is missing.
    func makeMissingLinks(lifetime: Duration, mail: Bool) async throws -> SignInLinkList
}
