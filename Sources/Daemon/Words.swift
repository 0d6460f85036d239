import Diagnostics
import MailModel
import MailProtocol
import Store

extension Event.Severity {
    init(_ level: LogLevel) {
        switch level {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}

extension ReceiveSettings {
    /// Whether mail of some folder goes to the destination.
    func uses(_ destination: DestinationName) -> Bool {
        deliverTo.contains(destination) || folders.contains { $0.deliverTo?.contains(destination) == true }
    }
}

extension FolderPath {
    /// The place of a folder that the store knows by its server's name.
    init(decoding folder: StoredFolder) {
        let name = IMAPMailboxName(spelling: folder.serverName).text
        self.init(name, delimiter: folder.delimiter?.first)
    }

    /// A folder's name as people read it, where its hierarchy is not known.
    static func decoded(_ serverName: String) -> String { IMAPMailboxName(spelling: serverName).text }
}
