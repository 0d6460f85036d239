import MailModel

/// Where copied or moved messages went (RFC 4315 §3). Exchange sends it with empty sets at times: then nothing is known.
public struct IMAPCopyUID: Hashable, Sendable {
    /// Of the target folder.
    public var uidValidity: UIDValidity
    public var source: IMAPUIDSequence
    public var destination: IMAPUIDSequence

    public init(uidValidity: UIDValidity, source: IMAPUIDSequence, destination: IMAPUIDSequence) {
        self.uidValidity = uidValidity
        self.source = source
        self.destination = destination
    }

    /// The UID in the target folder of what had `uid` in the source folder; `nil` when the server did not say, or its
    /// two sets do not have the same length.
    public func destination(of uid: UID) -> UID? {
        guard source.count == destination.count, let position = source.position(of: uid) else { return nil }
        return destination.uid(at: position)
    }
}
