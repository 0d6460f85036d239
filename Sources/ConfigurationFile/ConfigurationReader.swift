import Glibc

/// Reads the configuration's files from disk.
public struct ConfigurationReader: Sendable {
    /// The main file.
    public var path: String
    public var directories: ConfigurationDirectories

    public static let defaultPath = "/etc/postbote/postbote.yaml"

    /// `option` is what `--config` said; then `POSTBOTE_CONFIG`, then `/etc/postbote/postbote.yaml`.
    public init(option: String?, environment: [String: String]) {
        let variable = environment["POSTBOTE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        self.init(
            path: option ?? variable ?? ConfigurationReader.defaultPath,
            directories: ConfigurationDirectories(environment: environment)
        )
    }

    public init(path: String, directories: ConfigurationDirectories) {
        self.path = path
        self.directories = directories
    }

    /// The directory beside the main file whose `*.yaml` hold further accounts.
    public var accountsDirectory: String {
        let slash = path.lastIndex(of: "/")
        return slash.map { String(path[...$0]) + "accounts.d" } ?? "accounts.d"
    }

    /// Reads and checks everything. Blocks on the disk.
    public func read() throws(ConfigurationErrors) -> LoadedConfiguration {
        var errors: [ConfigurationError] = []
        let listing = listAccountFiles(&errors)
        var documents: [ConfigurationDocument] = []
        var left = Limits.totalSize
        for file in [path] + listing.files {
            do throws(ConfigurationError) {
                let document = try ConfigurationReader.document(file, limit: left)
                left -= document.bytes.count
                documents.append(document)
            } catch {
                errors.append(error)
            }
        }
        // What could not be read may define what the rest refers to: only that is reported.
        guard errors.isEmpty else { throw ConfigurationErrors(errors) }
        var loaded = try LoadedConfiguration(checking: documents, directories: directories)
        loaded.warnings += listing.warnings
        return loaded
    }

    // MARK: accounts.d

    private func listAccountFiles(
        _ errors: inout [ConfigurationError]
    ) -> (files: [String], warnings: [ConfigurationWarning]) {
        guard let stream = opendir(accountsDirectory) else {
            if errno != ENOENT { errors.append(.whole(accountsDirectory, errno)) }
            return ([], [])
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream), names.count <= Limits.accountFiles {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        if names.count > Limits.accountFiles {
            errors.append(ConfigurationError(file: accountsDirectory, line: 0, column: 0, message: "too many files"))
        }
        let warnings = names.filter { $0.hasSuffix(".yml") }.sorted().map { name in
            ConfigurationWarning(
                .doubtful, file: "\(accountsDirectory)/\(name)", line: 0, column: 0,
                message: "this file is not read: its name does not end in .yaml"
            )
        }
        let files = names.filter { $0.hasSuffix(".yaml") }.sorted {
            Array($0.utf8).lexicographicallyPrecedes($1.utf8)
        }
        return (files.map { "\(accountsDirectory)/\($0)" }, warnings)
    }

    // MARK: One file

    private static func document(_ path: String, limit: Int) throws(ConfigurationError) -> ConfigurationDocument {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .whole(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .whole(path, errno) }
        let size = min(limit, Limits.fileSize)
        guard let bytes = BoundedRead.all(of: descriptor, limit: size) else { throw .whole(path, errno) }
        guard bytes.count <= size else {
            let message =
                "the configuration is too large: a file may have \(Limits.fileSize >> 20) MB, all together "
                + "\(Limits.totalSize >> 20) MB"
            throw ConfigurationError(file: path, line: 0, column: 0, message: message)
        }
        return ConfigurationDocument(name: path, bytes: bytes, isWorldReadable: status.st_mode & S_IROTH != 0)
    }
}

extension ConfigurationError {
    /// A file that cannot be read at all.
    fileprivate static func whole(_ file: String, _ number: Int32) -> ConfigurationError {
        ConfigurationError(
            file: file, line: 0, column: 0, message: "cannot be read: \(String(cString: strerror(number)))")
    }
}
