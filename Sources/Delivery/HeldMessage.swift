import MailModel
import Store

/// A message in staging that waits for the end of the visit, because it looks like one that is known: whether other UIDs
/// are still there decides what it is.
struct HeldMessage: Sendable {
    var message: StagedMessage
    /// The UIDs to ask for.
    var asks: UIDSet
}
