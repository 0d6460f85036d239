import Diagnostics

/// The bounds of the web console: whoever reaches it is unknown.
enum Limits {
    // MARK: Connections

    /// At once.
    static let connections = 256
    /// Silence between two requests, or within one that is being read.
    static let connectionSilence = Duration.seconds(30)
    /// Octets of the request line and all header fields: a provider's answer is in the query.
    static let requestHeadOctets = 32 << 10
    static let headerFields = 100
    /// Octets of a form.
    static let formOctets = 4 << 10
    /// Hops of `X-Forwarded-For` that are looked at.
    static let forwardedHops = 20

    // MARK: Rates, for each client address

    /// Pages and what belongs to them: a result page asks once a second, and a whole office may be behind one address.
    static let pages = Rate(burst: 2000, perMinute: 2000)
    /// Sign-ins begun and answered.
    static let signIns = Rate(burst: 100, perMinute: 60)
    /// Links and results that nobody knows.
    static let guesses = Rate(burst: 20, perMinute: 2)
    /// Everybody's requests together.
    static let everybody = Rate(burst: 6000, perMinute: 12_000)
    /// Client addresses that are told apart; the others share one.
    static let clients = 4096

    /// Seconds after which a browser may ask again when the daemon could not answer.
    static let retryAfterTrouble = 60

    // MARK: Texts

    /// Mailboxes that a page names; the others are counted.
    static let mailboxesNamed = 10
    /// Octets of the languages that a browser asks for.
    static let acceptLanguageOctets = 1000
}
