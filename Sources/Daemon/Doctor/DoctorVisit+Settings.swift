import ConfigurationFile
import Delivery
import Diagnostics
import MailModel
import Operations

/// What stands on this machine: the configuration, and where mail goes.
extension DoctorVisit {
    /// What is in force is tried; what is in the files is what the next start takes.
    func configuration() async throws -> DoctorFinding {
        let name = account.name
        let reader = ground.reader
        let read: LoadedConfiguration
        do {
            read = try await Task.detached { try reader.read() }.value
        } catch let errors as ConfigurationErrors {
            let first = errors.errors.first?.description ?? errors.description
            let more = errors.errors.count > 1 ? " (and \(errors.errors.count - 1) more)" : ""
            return .failed(
                "the files have errors; what was read before is in force: \(first)\(more)",
                next: "Correct them until `postbote check-config` names none, then `postbote reload`.")
        }
        let difference = SettingsDifference(from: ground.settings, to: read.settings)
        let isOther = difference.changed[name] != nil || difference.removed.contains(name)
        guard !isOther, difference.renamed[name] == nil else {
            return .warning(
                "the files say something else about \(name) than what is in force, which is what is tried here",
                next: "`postbote reload`, then `postbote doctor \(name)` again.")
        }
        guard !ground.isPaused else {
            return .warning(
                "the account is paused: nothing is fetched or sent, though all of it is tried here",
                next: "`postbote resume \(name)` when it should go on.")
        }
        let receives = AccountWorker.receives(account)
        let sends = AccountWorker.sends(account)
        let disabled = [
            account.receive != nil && receives == nil ? "receiving" : nil,
            account.send != nil && sends == nil ? "sending" : nil,
        ].compactMap(\.self)
        guard disabled.isEmpty else {
            return .warning(
                "\(disabled.joined(separator: " and ")) of \(account.address) is disabled, and not tried",
                next: "Remove `enabled: false` from the account, its `receive` or its `send`, then `postbote reload`."
            )
        }
        let parts = [
            receives.map { "receives with \($0.mailProtocol.rawValue) through provider \($0.signIn.provider)" },
            sends.map { "sends through provider \($0.signIn.provider)" },
        ].compactMap(\.self)
        return .ok("\(account.address) \(parts.joined(separator: ", "))")
    }

    func destination(_ name: DestinationName) async throws -> DoctorFinding {
        guard let settings = ground.maildirs[name] else {
            return .skipped("only destinations of type maildir are active in this version")
        }
        let place = try MaildirDestination(name, settings: settings, account: account, folder: FolderPath(["INBOX"]))
        let room = try await ground.trial.write(to: place, at: clock.now)
        guard room.available >= Limits.leastRoom else {
            return .warning(
                "\(room.path) can be written to, and has room for \(room.available >> 20) MB",
                next: "Free room on its file system, or raise the quota, before mail has to wait.")
        }
        return .ok("\(room.path) can be written to, \(room.available >> 30) GB free")
    }
}
