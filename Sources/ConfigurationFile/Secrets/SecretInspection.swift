import Diagnostics
import Glibc
import MailModel

/// Looks at the secrets of a configuration without reading or running anything, for `check-config`.
///
/// It names only what is certainly wrong. What this user cannot see (a systemd credential, a variable of the service, a
/// directory without permission) may be right for the service.
public enum SecretInspection {
    /// One sentence a problem, sorted.
    public static func warnings(
        about settings: Settings, directories: ConfigurationDirectories
    ) -> [String] {
        var seen: Set<String> = []
        return settings.secrets.compactMap { secret in
            problem(of: secret.source, directories).map { "\(secret.owner): \(secret.source.place) \($0)" }
        }.filter { seen.insert($0).inserted }.sorted()
    }

    private static func problem(of source: SecretSource, _ directories: ConfigurationDirectories) -> String? {
        switch source {
        case .literal, .environment: nil
        case .file(let path): problem(ofFile: path)
        case .credential(let name): directories.credentials.flatMap { problem(ofFile: "\($0)/\(name)") }
        case .command(let words):
            words.first.flatMap {
                $0.hasPrefix("/") && access($0, F_OK) != 0 && errno == ENOENT ? "is not there" : nil
            }
        }
    }

    private static func problem(ofFile path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else { return errno == ENOENT ? "is not there" : nil }
        if status.st_mode & S_IFMT == S_IFDIR { return "is a directory" }
        if status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 { return "is empty" }
        return status.st_mode & S_IROTH != 0 ? "can be read by everybody on this machine: chmod 600 it" : nil
    }
}

extension Settings {
    /// A secret, and whose it is in words.
    fileprivate struct OwnedSecret {
        var owner: String
        var source: SecretSource
    }

    fileprivate var secrets: [OwnedSecret] {
        let ofProviders = providers.values.flatMap { provider in
            provider.secretSources.map { OwnedSecret(owner: "the provider \(provider.name)", source: $0) }
        }
        let ofDestinations = destinations.values.flatMap { destination in
            destination.secretSources.map { OwnedSecret(owner: "the destination \(destination.name)", source: $0) }
        }
        let ofAccounts = accounts.values.flatMap { account in
            [account.receive?.signIn.password, account.send?.signIn.password].compactMap { $0 }
                .map { OwnedSecret(owner: "the account \(account.name)", source: $0) }
        }
        return ofProviders + ofDestinations + ofAccounts
    }
}

extension Provider {
    fileprivate var secretSources: [SecretSource] {
        let client: [SecretSource] =
            switch authentication {
            case .none: []
            case .secrets(let secrets): secrets.map(\.value)
            case .certificates(let pairs): pairs.flatMap { [$0.certificate, $0.privateKey] }
            }
        return client + [serviceAccountKey].compactMap { $0 }
    }
}

extension Destination {
    fileprivate var secretSources: [SecretSource] {
        guard case .webhook(_, let secret, let headers) = kind else { return [] }
        return [secret].compactMap { $0 } + headers.values
    }
}
