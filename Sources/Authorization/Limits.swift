/// Every bound of this module, in one place.
enum Limits {
    // Sizes, in octets.
    static let replyBody = 256 * 1024
    /// Real ones are 1 to 4 KB; SASL lines hold 12,288 octets of base64 (RFC 4954 §4).
    static let accessToken = 16 * 1024
    static let refreshToken = 32 * 1024
    static let idToken = 64 * 1024
    static let claim = 512
    static let claimsChallenge = 8 * 1024
    static let serverLine = 300
    static let wordInServerLine = 40
    static let errorCode = 40
    static let scopes = 32
    /// Senders for whom a command is printed.
    static let sendersNamed = 20
    static let pemFile = 256 * 1024
    /// Of an endpoint that somebody else names.
    static let address = 2048

    // Waits.
    static let request = Duration.seconds(30)
    /// A request with all it needs, from the free slot on: the client secret from its command, two secrets tried,
    /// the grant stored.
    static let flight = Duration.seconds(120)
    /// How long a client assertion is good for; Microsoft advises five to ten minutes.
    static let clientAssertion = Duration.seconds(600)
    /// Google takes no longer one.
    static let serviceAccountAssertion = Duration.seconds(3600)
    static let longestSleep = Duration.seconds(900)
    static let assumedLifetime = Duration.seconds(3600)
    /// A refusal of a token that is younger has another cause than its age.
    static let betweenForcedRefreshes = Duration.seconds(300)
    /// More than any wait of ours: a moment further away comes from a clock that was set.
    static let longestWait = Duration.seconds(2 * 3600)
    static let longestLifetime = Duration.seconds(30 * 86400)
    static let longestRetryAfter = Duration.seconds(3600)
    /// A token that ends sooner is not handed out: it would expire on its way.
    static let leastRemaining = Duration.seconds(30)
    /// A clock that differs by less is not worth a thought.
    static let clockTolerance = Duration.seconds(60)

    /// How long an issuer's document is taken as it was; providers change theirs seldom.
    static let discovery = Duration.seconds(86400)
    /// A document that seems to be wrong is not asked for more often.
    static let betweenDiscoveries = Duration.seconds(300)
    static let discoveryTrouble = Duration.seconds(60)

    // Numbers.
    static let requestsPerProvider = 16
    static let waitersPerCredential = 10_000
    static let devicePolls = 1_000
    /// More than the polls, so that none is dropped, the last one least of all.
    static let deviceSteps = 1_010
    static let longestDeviceInterval = Duration.seconds(60)
    static let longestDeviceCode = Duration.seconds(3600)
    /// From the address to the answer. Codes live about as long at Entra, from the consent on.
    static let browserSignIn = Duration.seconds(600)
}
