import Diagnostics
import MailModel
import Sessions
import Store

// Folders that got another name; also while a new one took theirs, which some servers make at once for Archive and its like.
extension FolderVisit {
    /// What is known of the folder, which is open and stays open.
    func remembered(_ mailbox: any Mailbox, _ facts: FolderFacts) async throws -> StoredFolder {
        if let stored = try await find() {
            guard mayBeAnother(stored, facts), let heir = try await heir(of: stored, in: mailbox) else {
                return try await upToDate(stored, facts)
            }
            try await rename(stored, to: heir)
            return try await ensured(facts)
        }
        var old = FolderRename.former(of: folder, facts, on: server, among: try await formerFolders())
        if old == nil { old = try await predecessor(facts, in: mailbox) }
        guard let old else { return try await ensured(facts) }
        try await rename(old, to: folder)
        return try await upToDate(try await find() ?? old, facts)
    }

    private func find() async throws -> StoredFolder? {
        try await environment.store.read { [accountID, folder] in
            try $0.folders.find(accountID, serverName: folder.serverName)
        }
    }

    /// Writes nothing when nothing changed.
    private func upToDate(_ stored: StoredFolder, _ facts: FolderFacts) async throws -> StoredFolder {
        guard stored.role == folder.role, stored.delimiter == folder.delimiter, stored.server != nil,
            stored.mailboxID != nil || facts.mailboxID == nil
        else { return try await ensured(facts) }
        return stored
    }

    private func ensured(_ facts: FolderFacts) async throws -> StoredFolder {
        try await environment.store.write { [accountID, folder, server] transaction in
            let stored = try transaction.folders.ensure(
                accountID, serverName: folder.serverName, role: folder.role, delimiter: folder.delimiter)
            // Before the first visit nothing is known of any server.
            guard stored.uidValidity != nil else { return stored }
            return try transaction.folders.remember(stored.id, server: server, mailboxID: facts.mailboxID)
        }
    }

    private func rename(_ stored: StoredFolder, to new: RemoteFolder) async throws {
        try await environment.store.write { try $0.folders.rename(stored.id, to: new.serverName) }
        let oldPath = FolderPath(stored.serverName, delimiter: stored.delimiter?.first)
        environment.log.record(
            .folderRenamed(account.name, from: oldPath.description, to: new.path.description))
    }

    // MARK: Replaced

    /// Whether the folder of this name is not the known one; the known one may be there under another name.
    private func mayBeAnother(_ stored: StoredFolder, _ facts: FolderFacts) -> Bool {
        guard stored.server == server, let known = stored.uidValidity else { return false }
        if let one = stored.mailboxID, let other = facts.mailboxID { return one != other }
        return known != facts.uidValidity
    }

    /// The folder, of those that are not known, that holds the known messages under their known UIDs.
    private func heir(of stored: StoredFolder, in mailbox: any Mailbox) async throws -> RemoteFolder? {
        let known = try await environment.store.read { [accountID] in
            Set(try $0.folders.all(of: accountID).map(\.serverName))
        }
        // Listed anew: it may have been renamed since this session listed folders.
        let unknown = try await mailbox.folders().filter { !known.contains($0.serverName) }
        guard unknown.count <= Limits.renameCandidates else { return nil }
        // To open another one and this one again is work for the server, and nearly always for nothing.
        let answers = try await mailbox.identities(of: unknown)
        let candidates = zip(unknown, answers).filter { mayBePlace($0.1, of: stored) }.map(\.0)
        guard !candidates.isEmpty else { return nil }
        var heir: RemoteFolder?
        for candidate in candidates where try await isPlace(candidate, of: stored, in: mailbox) {
            heir = candidate
            break
        }
        _ = try await mailbox.select(folder)
        return heir
    }

    /// What the server says of a folder that is not opened; one that it does not let be asked cannot be opened either.
    private func mayBePlace(_ answer: FolderAnswer, of stored: StoredFolder) -> Bool {
        switch answer {
        case .refused: return false
        // Opening the folder tells.
        case .untold: return true
        case .told(let identity):
            if let one = stored.mailboxID, let other = identity.mailboxID { return one == other }
            return identity.uidValidity == stored.uidValidity
        }
    }

    /// The known folder whose messages are in this one now, while another folder has its name.
    private func predecessor(_ facts: FolderFacts, in mailbox: any Mailbox) async throws -> StoredFolder? {
        let names = Dictionary(remote.map { ($0.serverName, $0) }) { first, _ in first }
        let candidates = try await environment.store.read { [accountID, server] transaction in
            try transaction.folders.all(of: accountID).filter { stored in
                let isSame = stored.mailboxID.flatMap { id in facts.mailboxID.map { id == $0 } }
                return stored.server == server && isSame ?? (stored.uidValidity == facts.uidValidity)
            }
        }
        guard (1...Limits.renameCandidates).contains(candidates.count) else { return nil }
        for candidate in candidates {
            guard let namesake = names[candidate.serverName], try await isPlace(folder, of: candidate, in: mailbox)
            else { continue }
            let present = try? await mailbox.select(namesake)
            _ = try await mailbox.select(folder)
            if let present, mayBeAnother(candidate, present) { return candidate }
        }
        return nil
    }

    /// Whether a folder has the MAILBOXID of the known one, or its UIDVALIDITY and known messages under their UIDs: a
    /// UIDVALIDITY alone, which some servers give to many folders, is not enough while the name is there.
    private func isPlace(
        _ candidate: RemoteFolder, of stored: StoredFolder, in mailbox: any Mailbox
    ) async throws -> Bool {
        let facts: FolderFacts
        do {
            facts = try await mailbox.select(candidate)
        } catch let failure as Failure where failure.scope <= .folder {
            guard await !mailbox.isOutOfStep else { throw failure }
            return false
        }
        if let one = stored.mailboxID, let other = facts.mailboxID { return one == other }
        guard facts.uidValidity == stored.uidValidity else { return false }
        let anchors = try await Anchors(stored, in: environment.store)
        guard !anchors.traits.isEmpty else { return false }
        let look = try await mailbox.look(Look.Question(.from(.max), anchors: anchors.uids))
        let found = FolderVisit.traits(look.anchors)
        return !found.isEmpty && !FetchPlan.anchorsDiffer(known: anchors.traits, found: found)
    }
}
