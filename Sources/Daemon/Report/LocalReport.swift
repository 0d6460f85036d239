import ConfigurationFile
import Diagnostics
import Operations

/// What can be told without a daemon: what this process sees of the machine and of the files.
public enum LocalReport {
    public static func make(_ reader: ConfigurationReader, clock: any WallClock) async -> SupportReport {
        let read = await Task.detached { Result { try reader.read() } }.value
        let loaded = try? read.get()
        var configuration = loaded.map { SupportReport.ConfigurationReport($0) } ?? .init()
        configuration.findings(of: read)
        var fileSystems: [SupportReport.FileSystemReport] = []
        if let loaded { fileSystems = await SupportReport.FileSystemReport.all(of: loaded.settings, clock: clock) }
        return SupportReport(
            made: clock.now, release: Release.version, system: .present, configuration: configuration,
            fileSystems: fileSystems)
    }
}

extension SupportReport.ConfigurationReport {
    /// Without findings.
    init(_ loaded: LoadedConfiguration) {
        self.init(
            files: Array(loaded.files.prefix(Limits.reportedLines)),
            moreFiles: max(0, loaded.files.count - Limits.reportedLines),
            settings: SettingsListing.lines(of: loaded.settings), names: SettingsListing.names(in: loaded.settings))
    }

    /// What a reading of the files found; errors stand alone, because nothing was read then.
    mutating func findings(of read: Result<LoadedConfiguration, any Error>) {
        let all =
            switch read {
            case .success(let loaded): loaded.warnings.map(\.description)
            case .failure(let errors as ConfigurationErrors): errors.errors.map(\.description)
            case .failure(let error): ["\(error)"]
            }
        findings = Array(all.prefix(Limits.reportedLines))
        moreFindings = max(0, all.count - Limits.reportedLines)
    }
}
