import Diagnostics
import MailModel
import Sessions
import Store

extension AccountFetcher {
    /// Does what is ordered for copies that we moved ourselves into folders in which they are not known, such as an archive
    /// that is not watched: by the places that the server named then.
    ///
    /// - Returns: what these folders do not allow, by folder.
    func actOnMoved(
        in mailbox: any Mailbox, _ selection: FolderSelection
    ) async throws -> [String: Failure] {
        let targets = try await environment.store.read { [accountID] in try $0.serverActions.movedTargets(accountID) }
        var failures: [String: Failure] = [:]
        for serverName in targets {
            do {
                try await actOnMoved(to: serverName, in: mailbox, selection)
            } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
                guard await !mailbox.isOutOfStep else { throw failure }
                failures[FolderPath(serverName, selection).description] = failure
            }
        }
        return failures
    }

    private func actOnMoved(
        to serverName: String, in mailbox: any Mailbox, _ selection: FolderSelection
    ) async throws {
        let remote = selection.remote.first { $0.serverName == serverName }
        let facts = if let remote { try await mailbox.select(remote) } else { FolderFacts?.none }
        let folder = remote ?? RemoteFolder(spelling: serverName, role: nil, delimiter: nil)
        let visit = FolderVisit(
            account: account, settings: settings, accountID: accountID, folder: folder, remote: selection.remote,
            destinations: [], environment: environment, outcomes: outcomes)
        // Those whose folder is gone, or has other UIDs now: nobody looks for them there.
        let lost = try await environment.store.read { [accountID] in
            try $0.serverActions.moved(accountID, to: serverName, under: nil, except: facts?.uidValidity)
        }
        guard let validity = facts?.uidValidity else {
            try await redeliverMoved(to: serverName, under: nil, in: mailbox, selection)
            return try await ServerActions(visit: visit, mailbox: mailbox, source: .moved(UIDValidity(0)))
                .settleMissing(lost)
        }
        try await redeliverMoved(to: serverName, under: validity, in: mailbox, selection)
        let actions = ServerActions(visit: visit, mailbox: mailbox, source: .moved(validity))
        try await actions.settleMissing(lost)
        try await actions.run()
    }

    private func redeliverMoved(
        to serverName: String, under validity: UIDValidity?, in mailbox: any Mailbox, _ selection: FolderSelection
    ) async throws {
        let (ordered, lost) = try await environment.store.read { [accountID] transaction in
            (
                try validity.map { try transaction.redeliveries.moved(accountID, to: serverName, under: $0) } ?? [],
                try transaction.redeliveries.moved(accountID, to: serverName, under: nil, except: validity)
            )
        }
        for (home, all) in Dictionary(grouping: ordered + lost, by: \.message.folder) {
            let stored = try await environment.store.read { try $0.folders.find(home) }
            guard let stored,
                let watched = selection.watched.first(where: { $0.folder.serverName == stored.serverName })
            else { continue }
            let visit = try visit(to: watched, among: selection.remote)
            let redeliveries = Redeliveries(visit: visit, mailbox: mailbox, stored: stored)
            let lostHere = Set(lost.map(\.message.id))
            try await redeliveries.settle(all.filter { lostHere.contains($0.message.id) }, .gone)
            let open = all.filter { !lostHere.contains($0.message.id) }
            if !open.isEmpty { try await redeliveries.run(moved: open) }
        }
    }
}

extension FolderPath {
    fileprivate init(_ serverName: String, _ selection: FolderSelection) {
        self =
            selection.remote.first { $0.serverName == serverName }?.path
            ?? RemoteFolder(spelling: serverName, role: nil, delimiter: nil).path
    }
}
