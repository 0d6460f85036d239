/// What a server may send while somebody signs in.
public enum SASLLimits {
    /// Octets of a challenge, as base64 (RFC 4954 §4 asks for at least this much).
    public static let challenge = 12_288
    /// Characters kept of each value in a server's error.
    public static let errorValue = 512
    /// How deep a server's JSON may nest.
    public static let errorNesting = 8
}
