/// The bounds of the test support.
public enum Limits {
    /// Times that a folder is given another UIDVALIDITY until it has it.
    static let renumberings = 20
    /// The deadline of every wait: long enough for a busy machine, so that only a hang meets it.
    public static let wait: Duration = .seconds(180)
    /// What is kept of one output stream of a child process, in bytes; more is a runaway program.
    public static let childOutput = 512 << 20
    /// How long a child may take to end by itself after SIGTERM: the daemon awaits final dots for 10 s and token requests
    /// for 30 s.
    public static let childGrace: Duration = .seconds(60)
    /// The body of a request to the authorization server, in bytes.
    public static let requestBody = 64 << 10
    /// One command line to the SMTP server, in octets: a token in an initial response is long (RFC 4954 §4).
    public static let smtpCommand = 16 << 10
}
