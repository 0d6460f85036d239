import MailModel

/// A configuration that was read and found right.
public struct LoadedConfiguration: Sendable {
    public var settings: Settings
    public var warnings: [ConfigurationWarning]
    /// The files it was read from, the main one first.
    public var files: [String]

    /// One line for people: `2 accounts (1 receiving, 2 sending), 1 provider, 1 destination`.
    public var summary: String {
        let accounts = settings.accounts.values
        let receiving = accounts.count { $0.enabled && $0.receive?.enabled == true }
        let sending = accounts.count { $0.enabled && $0.send?.enabled == true }
        return [
            "\(counted(accounts.count, "account")) (\(receiving) receiving, \(sending) sending)",
            counted(settings.providers.count, "provider"), counted(settings.destinations.count, "destination"),
        ].joined(separator: ", ")
    }

    private func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension LoadedConfiguration {
    /// Checks files that are in memory; touches neither the file system nor the clock. `documents` are the main file and
    /// then those of accounts.d in name order.
    public init(
        checking documents: [ConfigurationDocument], directories: ConfigurationDirectories = .init()
    ) throws(ConfigurationErrors) {
        let findings = Findings(files: documents.map(\.name))
        let roots = documents.indices.map { index in
            var document = YAMLDocument(file: index, findings: findings)
            return document.root(of: documents[index].bytes)
        }
        let settings = LoadedConfiguration.settings(roots, directories, findings)
        guard let settings, !findings.hasErrors else { throw findings.sortedErrors }
        LoadedConfiguration.warn(about: settings, documents, findings)
        self.init(settings: settings, warnings: findings.sortedWarnings, files: findings.files)
    }

    private static func settings(
        _ roots: [Value?], _ directories: ConfigurationDirectories, _ findings: Findings
    ) -> Settings? {
        guard let main = roots.first ?? nil else {
            // Without the main file every reference would be to nothing.
            if findings.isComplete {
                findings.error(
                    at: Position(file: 0, line: 1, column: 1), "the file is empty: write providers and accounts")
            }
            return nil
        }
        let decoder = SettingsDecoder(findings: findings, directories: directories)
        return decoder.decode(main: main, accountFiles: roots.dropFirst().compactMap { $0 })
    }

    private static func warn(about settings: Settings, _ documents: [ConfigurationDocument], _ findings: Findings) {
        if settings.accounts.isEmpty { findings.warn(.doubtful, at: .whole(0), "there are no accounts") }
        for (file, position) in findings.literalSecrets where documents[file].isWorldReadable {
            findings.warn(
                .unsafe, at: position,
                "everybody on this machine can read this secret: chmod 640 \(documents[file].name)"
            )
        }
    }
}
