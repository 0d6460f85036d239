/// How one connection to a scripted server went so far.
public struct ConnectionRecord: Sendable {
    public internal(set) var transcript = Transcript()
    /// Where the client did something else than its dialog says.
    public internal(set) var mismatch: String?
    /// Whether the dialog was played to its end.
    public internal(set) var isFinished = false
    /// What the operating system took of what the server sent, before TLS.
    public internal(set) var sentBytes = 0
    /// What broke: a handshake the client refused, a reset.
    public internal(set) var errors: [String] = []
}
