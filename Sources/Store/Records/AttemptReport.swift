import Diagnostics

/// How an attempt ended.
public struct AttemptReport: Hashable, Sendable {
    /// By the recipient's position.
    public var outcomes: [Int: RecipientOutcome]
    /// For every recipient of the attempt that `outcomes` does not name.
    public var others: RecipientOutcome
    /// Instead of the next try recorded when the attempt began; `nil`: that one.
    public var nextTry: Timestamp?
    /// `false`: sign-in or policy was in the way and no attempt is counted.
    public var counts: Bool

    public init(
        outcomes: [Int: RecipientOutcome] = [:], others: RecipientOutcome, nextTry: Timestamp? = nil,
        counts: Bool = true
    ) {
        self.outcomes = outcomes
        self.others = others
        self.nextTry = nextTry
        self.counts = counts
    }

    /// What says most about how it went: what one recipient was refused with, else what was said of all.
    var words: String {
        let byPosition = outcomes.sorted { $0.key < $1.key }.map(\.value)
        let refusal = byPosition.first { if case .sent = $0 { false } else { true } }
        return (refusal ?? byPosition.first ?? others).words
    }
}
