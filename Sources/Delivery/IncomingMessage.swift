import Diagnostics
import MailModel
import Store

/// A message that is being written into staging while it streams in.
///
/// It is written once for each destination, so that a reader that changes its file changes nobody else's.
final class IncomingMessage {
    let key: DeliveryKey
    private let files: [(destination: DestinationName, file: StagingFile)]
    private var hash = ContentHash.Stream()
    private var scanner = HeaderScanner()
    /// Known once it is finished.
    private(set) var isExchangeStub = false

    init(to destinations: [MaildirDestination], fileName: (DeliveryKey) -> String) throws(Failure) {
        var generator = SystemRandomNumberGenerator()
        key = DeliveryKey(using: &generator)
        let name = fileName(key)
        var files: [(DestinationName, StagingFile)] = []
        do throws(Failure) {
            for destination in destinations {
                files.append((destination.name, try destination.maildir.stage(name)))
            }
        } catch {
            for (_, file) in files { file.discard() }
            throw error
        }
        self.files = files
    }

    func write(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        let written = bytes.withUnsafeBytes { buffer in
            hash.push(buffer)
            if !scanner.isComplete { scanner.push(buffer) }
            return Result { () throws(Failure) in for (_, file) in files { try file.write(buffer) } }
        }
        try written.get()
    }

    func finish(_ attributes: MessageAttributes) throws(Failure) -> StagedMessage {
        for (_, file) in files { try file.finish() }
        let headers = scanner.finish()
        isExchangeStub = headers.isExchangeStub
        return StagedMessage(
            uid: attributes.uid, deliveryKey: key,
            traits: MessageTraits(headers, emailID: attributes.emailID, gmailMessageID: attributes.gmailMessageID),
            contentHash: hash.finish(), contentSize: files[0].file.octets,
            destinations: files.map { ($0.destination, $0.file.path) })
    }

    func discard() { for (_, file) in files { file.discard() } }
}
