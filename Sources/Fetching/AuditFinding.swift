import MailModel
import Store

/// Messages of a folder that an audit found unaccounted for, until that is cured. Decided from facts.
struct AuditFinding: Hashable {
    let serverName: String
    let epoch: Epoch
    /// Without a row: cured when they have one.
    var missed: UIDSet
    /// With the row of another message: cured when the folder was recovered.
    var others: UIDSet

    init(_ audit: FolderAudit, in folder: StoredFolder) {
        serverName = folder.serverName
        epoch = folder.epoch
        missed = audit.differences[.missed] ?? UIDSet()
        others = audit.unaccounted.subtracting(missed)
    }

    var count: Int { missed.count + others.count }

    /// What of it is still so.
    ///
    /// - Parameters:
    ///   - folder: as the ledger knows it now; `nil`: it was forgotten.
    ///   - known: UIDs with a row in the folder's present epoch.
    func remaining(in folder: StoredFolder?, known: UIDSet) -> AuditFinding? {
        guard let folder else { return nil }
        if isRecovered(folder) { return nil }
        guard folder.epoch == epoch else { return self }
        var rest = self
        rest.missed = missed.subtracting(known)
        return rest.count > 0 ? rest : nil
    }

    /// A visit came to its end in a later epoch: everything that was there then has a row.
    private func isRecovered(_ folder: StoredFolder) -> Bool {
        folder.epoch > epoch && folder.uidValidity != nil && !folder.isRecovering && folder.existsSeen != nil
    }
}
