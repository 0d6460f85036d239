import Diagnostics
import MailModel

/// The names of delivered files: `SECONDS.KKEY.SMARK.HOST`, the time of delivery, the delivery key, the mark of the state
/// that delivers, and the host. No other file has that name, as Maildir wants it.
struct MaildirFileNames: Sendable {
    private let mark: String
    private let hostName: String

    init(mark: String, hostName: String) {
        self.mark = mark
        self.hostName = MaildirLayout.sanitised(hostName, keepingDots: true)
    }

    func name(of key: DeliveryKey, at now: Timestamp) -> String { "\(now.seconds).K\(key).S\(mark).\(hostName)" }

    /// Whether a file is the state's of this mark.
    static func isOurs(_ name: String, mark: String) -> Bool { name.contains(".S\(mark).") }
}
