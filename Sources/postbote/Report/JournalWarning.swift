import Diagnostics
import Operations

/// An entry of the journal as `journalctl --output=json` prints it, without what could name a message.
///
/// Only fields that are known to say nothing of mail are taken. A server's own line is one, unless the entry is of a message: it
/// may repeat a Message-ID or a subject there.
struct JournalWarning {
    private static let told = [
        "EVENT", "ACCOUNT", "DIRECTION", "FOLDER", "DESTINATION", "PROVIDER", "OLD_STATE", "NEW_STATE", "UNTIL",
        "WHAT", "DAYS",
        "POSITION", "OPERATION", "REASON", "SCOPE", "RETRY", "HOST", "VERSION",
    ]
    private static let ofMessage = ["UID", "DELIVERY_KEY", "QUEUE_ID", "MESSAGE_ID_HEADER", "RECIPIENT"]

    let line: String

    /// `nil` for what is no entry, or of a library and not ours to judge.
    init?(_ bytes: [UInt8]) {
        guard let fields = try? JSON.decode([String: Field].self, from: bytes) else { return nil }
        func text(_ key: String) -> String? { fields[key]?.text }
        let moment = text("__REALTIME_TIMESTAMP").flatMap { Int64($0) }.map {
            Timestamp(milliseconds: $0 / 1000).description
        }
        let priority = text("PRIORITY") ?? "?"
        var words = ["\(moment ?? "-") <\(priority)>"]
        if text("EVENT") != nil {
            let keys =
                JournalWarning.ofMessage.contains { fields[$0] != nil }
                ? JournalWarning.told : JournalWarning.told + ["SERVER_LINE"]
            words += keys.compactMap { key in text(key).map { "\(key)=\($0)" } }
        } else if text("SYSLOG_IDENTIFIER") == "systemd", let message = text("MESSAGE") {
            // Of systemd itself: how the service began and ended.
            words.append(message)
        } else {
            return nil
        }
        line = words.joined(separator: " ")
    }

    /// A text; what is something else (octets, several values of one name) is not told.
    private struct Field: Decodable {
        var text: String?

        init(from decoder: any Decoder) throws {
            text = try? decoder.singleValueContainer().decode(String.self)
        }
    }
}
