import Diagnostics

extension Event {
    /// A direction of an account went from one state to another; a state in which somebody must act is a warning.
    ///
    /// - Parameters:
    ///   - failure: what brought it there; nothing when it works again.
    ///   - until: when it is tried again by itself.
    public static func accountStateChanged(
        _ account: AccountName, _ direction: Direction, from old: DirectionState, to new: DirectionState,
        because failure: Failure? = nil, until: Timestamp? = nil
    ) -> Event {
        let fields: [EventField?] = [
            EventField(.account, account.text), EventField(.direction, direction.rawValue),
            EventField(.oldState, old.rawValue), EventField(.newState, new.rawValue),
            EventField(.until, ifKnown: until),
        ]
        return Event(
            .accountStateChanged, new.isProblem ? .warning : .info, "an account's state changed",
            fields + (failure?.fields ?? []))
    }

    /// An operator paused or resumed an account.
    ///
    /// - Parameters:
    ///   - end: until when nothing is fetched and sent; `nil`: it is.
    ///   - backfillEnd: the same of the fetching of old mail.
    public static func accountPaused(
        _ account: AccountName, until end: Timestamp?, backfillUntil backfillEnd: Timestamp?
    ) -> Event {
        Event(
            .accountPaused, .info,
            end == nil && backfillEnd == nil ? "resumed by an operator" : "paused by an operator",
            [
                EventField(.account, account.text), EventField(.until, ifKnown: end),
                EventField("BACKFILL_UNTIL", ifKnown: backfillEnd),
            ])
    }

    /// Somebody listens to what the account and its servers say to each other.
    public static func traceBegan(_ account: AccountName, until end: Timestamp, by who: String) -> Event {
        Event(
            .traceBegan, .info, "trace began",
            [EventField(.account, account.text), EventField(.until, end), EventField("BY", who)])
    }

    /// `credential` is what it is stored under, not a secret.
    public static func tokenRefreshed(provider: ProviderName, credential: String, validUntil: Timestamp) -> Event {
        Event(
            .tokenRefreshed, .debug, "access token refreshed",
            [
                EventField("PROVIDER", provider.text), EventField("CREDENTIAL", credential),
                EventField(.until, validUntil),
            ])
    }

    /// Somebody signed in for an account, or a refresh token was imported for it.
    public static func consentStored(_ account: AccountName, by way: String) -> Event {
        Event(
            .consentStored, .info, "consent stored", [EventField(.account, account.text), EventField("WAY", way)])
    }

    /// A link was made with which the owner of a mailbox signs in. Neither it nor its token is in the journal.
    ///
    /// - Parameter way: `printed`, `mailed`, or `notify_owner`: mailed by itself.
    public static func linkCreated(
        _ account: AccountName, for person: String, until end: Timestamp, way: String
    ) -> Event {
        Event(
            .linkCreated, .info, "sign-in link made",
            [
                EventField(.account, account.text), EventField("PERSON", person), EventField(.until, end),
                EventField("WAY", way),
            ])
    }

    /// Its owner has signed in.
    public static func linkUsed(_ account: AccountName) -> Event {
        Event(.linkUsed, .info, "sign-in link used", [EventField(.account, account.text)])
    }

    /// Somebody tried a link, and nothing was stored.
    public static func linkRefused(_ account: AccountName, because failure: Failure) -> Event {
        Event(
            .linkRefused, .info, "sign-in with a link did not work, see REASON",
            [EventField(.account, account.text)] + failure.fields)
    }

    /// One of an app's two client secrets or certificates is dead, and the other one works.
    ///
    /// - Parameters:
    ///   - proof: its key in the configuration, never what it is.
    ///   - place: where it is read.
    public static func clientProofRefused(
        _ provider: ProviderName, _ proof: String, from place: String, because failure: Failure
    ) -> Event {
        Event(
            .clientProofRefused, .warning,
            "a client secret or certificate is dead, the other one is used: replace it",
            [EventField("PROOF", proof), EventField("PLACE", place)] + failure.at("provider", provider.text).fields)
    }

    /// Of a shared mailbox: under which name its submission server takes whoever signed in.
    public static func loginFound(_ account: AccountName, _ login: String) -> Event {
        Event(
            .loginFound, .info, "the submission server takes this name",
            [EventField(.account, account.text), EventField("LOGIN", login)])
    }

    /// Something ends that a person must renew before.
    ///
    /// - Parameters:
    ///   - account: whose it is; `nil` for what all accounts of a provider need.
    ///   - days: which of the reminders this is.
    public static func expiresSoon(
        _ what: String, of account: AccountName?, at end: Timestamp, days: Int, cure: String
    ) -> Event {
        Event(
            .expiresSoon, .warning, "something ends soon that must be renewed: see REASON",
            [
                account.map { EventField(.account, $0.text) }, EventField("WHAT", what), EventField(.until, end),
                EventField("DAYS", days), EventField(.reason, cure),
            ])
    }

    /// The administrator could not be told of something by mail; the journal has it.
    public static func noticeFailed(_ subject: String, because failure: Failure) -> Event {
        Event(
            .noticeFailed, .warning, "a notice could not be mailed, see REASON; the journal has what it was about",
            [EventField("SUBJECT", subject)] + failure.fields)
    }
}
