import Delivery
import MailModel
import Store

extension FolderVisit {
    /// What delivers the folder's mail.
    func pipeline(for stored: StoredFolder, takesStubs: Bool = false) async throws -> DeliveryPipeline {
        DeliveryPipeline(
            folder: try await deliveryFolder(for: stored), store: environment.store, clock: environment.clock,
            log: environment.log, hostName: environment.hostName,
            unsettled: unsettled, takesStubs: takesStubs)
    }

    func deliveryFolder(for stored: StoredFolder) async throws -> DeliveryFolder {
        DeliveryFolder(
            account: account.name, path: folder.path, id: stored.id, epoch: stored.epoch,
            rules: try await copyRules(stored), wish: ServerWish(afterFetch, grace: settings.afterFetchGrace),
            destinations: destinations)
    }

    /// Where known copies of this folder's messages are looked for.
    private func copyRules(_ stored: StoredFolder) async throws -> CopyRules {
        let folders = try await environment.store.read { [accountID] in try $0.folders.all(of: accountID) }
        let roles = folders.compactMap { folder in folder.role.map { (folder.id, $0) } }
        return CopyRules(
            account: accountID, folder: stored.id, overlap: settings.foldersOverlap,
            former: try await origins(),
            roles: Dictionary(roles) { first, _ in first })
    }
}

extension ServerWish {
    /// `nil`: the server's copy is kept.
    init?(_ afterFetch: AfterFetch, grace: Duration) {
        let kind: ServerAction.Kind
        var target: MoveTarget?
        switch afterFetch {
        case .keep: return nil
        case .seen: kind = .seen
        case .delete: kind = .delete
        case .moveToRole(let role): (kind, target) = (.move, .role(role))
        case .moveToFolder(let name): (kind, target) = (.move, .name(name))
        }
        self.init(kind: kind, target: target, grace: grace)
    }
}
