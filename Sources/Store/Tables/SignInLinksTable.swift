import Diagnostics
import MailModel

/// The links with which mailbox owners sign in: at most one that is open for each credential.
public struct SignInLinksTable<Access> {
    let connection: Connection

    public func find(_ digest: SignInLink.Digest) throws -> SignInLink? {
        try connection.first(
            """
            SELECT digest, account, provider, subject, created, expires, strangers, ending FROM sign_in_links
            WHERE digest = ?
            """, digest
        ) { row in
            var link = SignInLink(
                digest: try row.next(), account: try row.next(),
                credential: CredentialName(provider: try row.next(), subject: try row.next()),
                created: try row.next(), expires: try row.next())
            link.strangers = try row.next()
            link.ending = try row.next()
            return link
        }
    }
}

extension SignInLinksTable where Access == Writing {
    /// Takes the place of earlier links that ask for the same consent.
    public func add(_ link: SignInLink) throws {
        try end(link.credential, .replaced, at: link.created)
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
