import Diagnostics
import MailModel

/// The links with which mailbox owners sign in: one that is open for each credential, and a second one for as long as it
/// takes to queue the mail with it.
public struct SignInLinksTable<Access> {
    let connection: Connection

    private static var select: String {
        "SELECT digest, account, provider, subject, created, expires, strangers, ending FROM sign_in_links"
    }

    public func find(_ digest: SignInLink.Digest) throws -> SignInLink? {
        try connection.first("\(Self.select) WHERE digest = ?", digest, read: Self.row)
    }

    /// Those that ask for this consent and are open: one, or two while a newer one is on its way to its owner.
    public func open(_ credential: CredentialName, at now: Timestamp) throws -> [SignInLink] {
        try connection.all(
            "\(Self.select) WHERE provider = ? AND subject = ? AND ending IS NULL AND expires > ?",
            credential.provider, credential.subject, now, read: Self.row)
    }

    private static func row(_ row: inout Row) throws -> SignInLink {
        var link = SignInLink(
            digest: try row.next(), account: try row.next(),
            credential: CredentialName(provider: try row.next(), subject: try row.next()),
            created: try row.next(), expires: try row.next())
        link.strangers = try row.next()
        link.ending = try row.next()
        return link
    }
}

extension SignInLinksTable where Access == Writing {
    /// Takes the place of earlier links that ask for the same consent.
    public func add(_ link: SignInLink) throws {
        try addBeside(link)
        try replaceOthers(than: link, at: link.created)
    }

    /// Leaves earlier links that ask for the same consent as they are until it is clear whether this one reaches its owner:
    /// then `replaceOthers`, or `remove`.
    public func addBeside(_ link: SignInLink) throws {
        try connection.run(
            """
            INSERT INTO sign_in_links (digest, account, provider, subject, created, expires) VALUES (?, ?, ?, ?, ?, ?)
            """, link.digest, link.account, link.credential.provider, link.credential.subject, link.created,
            link.expires)
        try connection.run(
            """
            DELETE FROM sign_in_links WHERE digest IN (
                SELECT digest FROM sign_in_links WHERE provider = ?1 AND subject = ?2 AND digest <> ?3
                ORDER BY created DESC LIMIT -1 OFFSET ?4)
            """, link.credential.provider, link.credential.subject, link.digest, Limits.linksOfOneCredential - 1)
    }

    /// Ends the other links that ask for the same consent. One that has ended itself replaces nothing: of two that are on
    /// their way at once, one stays.
    public func replaceOthers(than link: SignInLink, at now: Timestamp) throws {
        try connection.run(
            """
            UPDATE sign_in_links SET ending = ?1, ended = ?2
            WHERE provider = ?3 AND subject = ?4 AND digest <> ?5 AND ending IS NULL
                AND EXISTS (SELECT 1 FROM sign_in_links WHERE digest = ?5 AND ending IS NULL)
            """, SignInLink.Ending.replaced, now, link.credential.provider, link.credential.subject, link.digest)
    }

    /// Nobody was given it.
    public func remove(_ digest: SignInLink.Digest) throws {
        try connection.run("DELETE FROM sign_in_links WHERE digest = ?", digest)
    }

    /// Ends whatever link asks for this consent. One that has ended keeps its reason.
    public func end(_ credential: CredentialName, _ ending: SignInLink.Ending, at now: Timestamp) throws {
        try connection.run(
            """
            UPDATE sign_in_links SET ending = ?, ended = ? WHERE provider = ? AND subject = ? AND ending IS NULL
            """, ending, now, credential.provider, credential.subject)
    }

    /// Somebody else signed in with it. A few times that is a slip.
    public func noteStranger(_ digest: SignInLink.Digest, at now: Timestamp) throws {
        try connection.run("UPDATE sign_in_links SET strangers = strangers + 1 WHERE digest = ?", digest)
        try connection.run(
            """
            UPDATE sign_in_links SET ending = ?, ended = ? WHERE digest = ? AND strangers >= ? AND ending IS NULL
            """, SignInLink.Ending.exhausted, now, digest, Limits.strangersOfOneLink)
    }

    /// Forgets links that expired so long ago that nobody opens them any more.
    public func purge(at now: Timestamp) throws {
        try connection.run("DELETE FROM sign_in_links WHERE expires < ?", now - Limits.linkMemory)
    }
}

extension SignInLink.Digest: ColumnConvertible {
    var stored: [UInt8] { bytes }
    init?(stored: [UInt8]) { self.init(bytes: stored) }
}

extension SignInLink.Ending: ColumnWord {}
