import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

extension AccountFetcher {
    /// Delivers the bytes that the server gave in the place of a message, as if they were the message.
    ///
    /// - Throws: a failure of the folder when it is not watched any more: then nobody knows where its mail goes.
    public func deliver(_ obstacle: Obstacle, in folder: StoredFolder) async throws {
        guard let file = obstacle.file else { return }
        let remote = RemoteFolder(remembered: folder)
        guard let watched = FolderSelection(settings: settings, remote: [remote]).watched.first else {
            throw Failure(
                .folder, .whenReconfigured(by: .operatorOfPostbote), operation: "deliver from quarantine",
                reason:
                    "The folder is not watched any more. Add it to `folders:`, or move the file yourself: \(file)",
                place: ["folder": remote.path.description])
        }
        // Nobody asks the server here: all folders that are known count as still there.
        let known = try await environment.store.read { [accountID] in try $0.folders.all(of: accountID) }
        let visit = try visit(to: watched, among: known.map { RemoteFolder(remembered: $0) })
        let pipeline = try await visit.pipeline(for: folder, takesStubs: true)
        let files = visit.environment.store.quarantine
        var offset: Int64 = 0
        try await pipeline.take([.begin])
        while case let bytes = try await files.read(file, from: offset), !bytes.isEmpty {
            try await pipeline.take([.bytes(bytes[...])])
            offset += Int64(bytes.count)
        }
        try await pipeline.take([.end(MessageAttributes(uid: obstacle.uid))])
        _ = try await pipeline.finish()
        _ = try await pipeline.settle(gone: UIDSet())
        files.remove([file])
    }
}
