/// The bounds of how the service is run.
public enum Limits {
    /// Of malloc(3).
    static let arenas: Int32 = 2
    /// Octets of one field of a log line (interface.md §5).
    static let logFieldOctets = 8 * 1024
    /// Fields of one log line; the rest is dropped.
    static let logFields = 48
    /// Octets of lines that are written to standard error at once: what a pipe takes when it polls writable (pipe(7)).
    static let logPageOctets = 4096
    /// Lines that wait because the journal does not take them at the moment; further ones are counted and dropped.
    static let logBacklog = 10_000
    /// A direction that has been waiting for longer is shown as a problem: it does not end by itself, or not soon.
    static let patience = Duration.seconds(15 * 60)
    /// How long systemd may take to accept a notification, in seconds.
    static let notifySeconds = 5
    /// Octets of the status line shown by `systemctl status`.
    static let statusOctets = 512
    /// Descriptors wanted: each connection, message and database file is one.
    static let openFiles: UInt = 65_536
    /// Octets of one user or group of the system's directory services.
    static let directoryEntryOctets = 4 << 20

    // The control API.

    /// Connections at once, on each socket.
    static let connections = 256
    /// Connections of one local user at once, so that nobody keeps the others out.
    static let connectionsOfOneUser = 64
    /// Silence between two requests, or within one that is being read.
    public static let connectionSilence = Duration.seconds(60)
    /// Octets of the request line and of all header fields: a message's recipients are in the query.
    static let requestHeadOctets = 512 * 1024
    /// Octets of a request that is not a message.
    static let requestBodyOctets = 64 * 1024
    /// Octets of a message handed in.
    static let messageOctets: Int64 = 512 << 20
    /// Recipients of a message handed in; more are for several messages.
    static let recipients = 2_000
    /// Octets of an address: 64 for the local part, 255 for the domain, one for the `@` between (RFC 5321 §4.5.3.1).
    static let addressOctets = 320
    /// Octets of an idempotency key.
    static let idempotencyKeyOctets = 255
    /// Messages of one page of the queue, and how many there are when nobody says.
    static let queuePage = 1_000
    static let queuePageUsual = 200
    /// Octets of a folder's name, and of a Message-ID, that somebody asks for.
    static let folderOctets = 4096
    static let messageIDOctets = 4096
    /// How long a question may wait for a sign-in to end, in seconds.
    static let signInPatience = 60
    /// How long a link is good for, in seconds: five minutes to 30 days, and how long when nobody says.
    public static let linkLifetimes = 300...(30 * 86_400)
    public static let linkLifetimeUsual = 48 * 3600
    /// How long a trace goes on, in seconds: up to an hour, and how long when nobody says.
    public static let traceDurations = 1...3600
    public static let traceDurationUsual = 300
    /// Connections at once of browsers that come back from a sign-in: one, and what browsers open beside it.
    static let loopbackConnections = 32
    /// Octets of a provider's words in such a redirect.
    static let redirectWords = 8192
}
