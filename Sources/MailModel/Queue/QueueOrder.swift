/// What an operator can order of a message in the outbound queue.
public enum QueueOrder: String, Sendable, CaseIterable {
    /// Try now. What is in doubt is sent again, and what failed is tried once more.
    case retry
    /// Leave it until released.
    case hold
    /// Go on with what was held.
    case release
    /// Never send it.
    case cancel

    /// What an order means for a message in some state.
    public enum Effect: Hashable, Sendable {
        /// Recipients in these states get the new one.
        case change([RecipientState], to: RecipientState)
        /// It is so already.
        case nothing
        /// Against the rules, with the reason.
        case refused(String)
    }

    /// Whether the order, given for many messages at once, is for one in this state too.
    ///
    /// What is held, in doubt or has failed is not sent because somebody wanted to hurry the rest.
    public func includesAmongMany(_ state: QueueState) -> Bool {
        switch (self, state) {
        case (.retry, .queued), (.retry, .deferred), (.hold, .queued), (.hold, .deferred), (.release, .held),
            (.cancel, .queued), (.cancel, .deferred), (.cancel, .held):
            true
        default: false
        }
    }

    public func effect(on state: QueueState) -> Effect {
        switch (self, state) {
        case (_, .sending): .refused("It is being sent at the moment; order again when this attempt is over.")
        case (.retry, .sent), (.hold, .sent), (.release, .sent), (.cancel, .sent): .refused("It is sent already.")
        case (.retry, .cancelled), (.hold, .cancelled), (.release, .cancelled): .refused("It was cancelled.")
        case (.hold, .failed), (.release, .failed), (.cancel, .failed): .refused("It has failed; only retry is left.")
        case (.cancel, .cancelled), (.hold, .held), (.release, .queued), (.release, .deferred): .nothing
        case (.hold, .inDoubt):
            .refused("It is in doubt and waits already; retry sends it again, cancel gives it up.")
        case (.release, .inDoubt):
            .refused("It is in doubt: retry sends it again, perhaps twice; cancel gives it up.")
        case (.retry, .queued), (.retry, .deferred): .change([.queued, .deferred], to: .queued)
        case (.retry, .held): .change([.held, .queued, .deferred], to: .queued)
        case (.retry, .inDoubt): .change([.inDoubt, .held, .queued, .deferred], to: .queued)
        case (.retry, .failed): .change([.failed], to: .queued)
        case (.hold, .queued), (.hold, .deferred): .change([.queued, .deferred], to: .held)
        case (.release, .held): .change([.held], to: .queued)
        case (.cancel, .queued), (.cancel, .deferred), (.cancel, .held), (.cancel, .inDoubt):
            .change([.queued, .deferred, .held, .inDoubt], to: .cancelled)
        }
    }
}
