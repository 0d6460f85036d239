import MailModel

/// What a status response says to programs, in brackets (RFC 3501 §7.1, RFC 5530 §3, and the extensions named here).
public enum IMAPResponseCode: Hashable, Sendable {
    /// The text must be shown to the user.
    case alert
    case badCharset
    case capability(IMAPCapabilities)
    case parse
    case permanentFlags(IMAPFlags)
    case readOnly
    case readWrite
    case tryCreate
    /// Later messages have this UID or a higher one.
    case uidNext(UID)
    case uidValidity(UIDValidity)
    /// The first unseen message's sequence number.
    case unseen(UInt32)

    // RFC 4315
    case appendUID(UIDValidity, IMAPUIDSequence)
    case copyUID(IMAPCopyUID)
    /// UIDs of this folder must never be kept.
    case uidNotSticky

    // RFC 5530
    case unavailable
    case authenticationFailed
    case authorizationFailed
    case expired
    case privacyRequired
    case contactAdmin
    case noPerm
    case inUse
    case expungeIssued
    case corruption
    case serverBug
    case clientBug
    case cannot
    case limit
    case overQuota
    case alreadyExists
    case nonExistent

    /// RFC 7162.
    case highestModSeq(UInt64)
    /// RFC 7162: this folder has no mod-sequences.
    case noModSeq
    /// RFC 7162: the folder selected before is closed; what follows is of the new one.
    case closed
    /// RFC 8474.
    case mailboxID(String)
    /// RFC 2193: another server's URL.
    case referral(String)
    /// Any other, in upper case, with what stood behind it; also one of the above whose data could not be read.
    case other(String, String)

    /// The codes that have no data.
    static let bare: [String: IMAPResponseCode] = [
        "ALERT": .alert, "PARSE": .parse, "READ-ONLY": .readOnly, "READ-WRITE": .readWrite, "TRYCREATE": .tryCreate,
        "BADCHARSET": .badCharset, "UIDNOTSTICKY": .uidNotSticky, "UNAVAILABLE": .unavailable,
        "AUTHENTICATIONFAILED": .authenticationFailed, "AUTHORIZATIONFAILED": .authorizationFailed,
        "EXPIRED": .expired, "PRIVACYREQUIRED": .privacyRequired, "CONTACTADMIN": .contactAdmin, "NOPERM": .noPerm,
        "INUSE": .inUse, "EXPUNGEISSUED": .expungeIssued, "CORRUPTION": .corruption, "SERVERBUG": .serverBug,
        "CLIENTBUG": .clientBug, "CANNOT": .cannot, "LIMIT": .limit, "OVERQUOTA": .overQuota,
        "ALREADYEXISTS": .alreadyExists, "NONEXISTENT": .nonExistent, "NOMODSEQ": .noModSeq, "CLOSED": .closed,
    ]
}
