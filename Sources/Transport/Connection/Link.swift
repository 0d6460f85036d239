import CLibcurl
import CLinux

/// What an open connection holds of its loop. Confined to it.
final class Link {
    let easy: CurlEasy
    /// Kept alive by its handles.
    let multi: CurlMulti
    let socket: Int32
    var token: Poller.Token?
    var readAlarm: AlarmQueue.ID?
    var writeAlarm: AlarmQueue.ID?
    /// Known once libcurl has bound the connection to its handle, which the first read does.
    lazy var tls = OpenSSL(of: easy)
    /// Whether the server has ended the stream: there will be nothing more to read.
    var ended = false
    /// Which readiness lets the waiting read or write go on. TLS may have to write in order to read, and the reverse.
    var readNeeds = Poller.Readiness.readable
    var writeNeeds = Poller.Readiness.writable

    /// `nil` when libcurl has closed the connection already.
    init?(_ easy: CurlEasy, _ multi: CurlMulti) {
        guard let socket = easy.socket else { return nil }
        self.easy = easy
        self.multi = multi
        self.socket = socket
    }

    /// Whether the server has closed the connection, even if there is more to read.
    var peerHasClosed: Bool { linux_peer_has_closed(socket) }
}
