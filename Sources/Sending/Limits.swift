/// What Sending allows itself.
enum Limits {
    /// Octets of one message with CRLF line ends: what the largest providers take.
    static let messageSize: Int64 = 150 << 20
    /// Due messages taken from the queue at once.
    static let dueAtOnce = 100
    /// A connection without work is closed after this.
    static let idleConnection = Duration.seconds(20)
    /// Connections to one account's server at once, whatever the configuration says.
    static let connections = 20
    /// Between two tries to write something down that the store would not take.
    static let storageTrouble = Duration.seconds(5)
    /// Longest wait without looking into the queue; everything that makes work due earlier wakes the sender.
    static let longestWait = Duration.seconds(3600)
}
