/// Where a message is in a folder: its UID, and the UIDVALIDITY under which that UID counts.
public struct MessagePlace: Hashable, Sendable {
    public var uidValidity: UIDValidity
    public var uid: UID

    public init(uidValidity: UIDValidity, uid: UID) {
        self.uidValidity = uidValidity
        self.uid = uid
    }
}
