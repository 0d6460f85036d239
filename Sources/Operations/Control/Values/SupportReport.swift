import Diagnostics

/// What an administrator sends along with a question: how Postbote is set up and how it fares.
///
/// Invariant: nothing in it is a secret, or of a message. It is put together from values that hold neither: no text is searched.
public struct SupportReport: Codable, Hashable, Sendable {
    public var made: Timestamp
    /// Postbote's version.
    public var release: String
    public var system: SystemReport
    public var configuration: ConfigurationReport
    /// Those of the state and of where mail goes.
    public var fileSystems: [FileSystemReport]
    /// What only a running daemon knows.
    public var work: WorkReport?

    enum CodingKeys: String, CodingKey {
        case made, release, system, configuration
        case fileSystems = "file_systems"
        case work
    }

    public init(
        made: Timestamp, release: String, system: SystemReport, configuration: ConfigurationReport,
        fileSystems: [FileSystemReport], work: WorkReport? = nil
    ) {
        self.made = made
        self.release = release
        self.system = system
        self.configuration = configuration
        self.fileSystems = fileSystems
        self.work = work
    }
}

extension SupportReport {
    /// The machine, as the process sees it that answers.
    public struct SystemReport: Codable, Hashable, Sendable {
        public struct Library: Codable, Hashable, Sendable {
            public var name: String
            public var version: String

            public init(_ name: String, _ version: String) {
                self.name = name
                self.version = version
            }
        }

        public var hostName: String
        public var kernel: String
        public var distribution: String?
        /// Files that the process may have open: as it is, and as far as it could be raised.
        public var openFiles: Int64
        public var openFilesMost: Int64
        public var libraries: [Library]

        enum CodingKeys: String, CodingKey {
            case hostName = "host_name"
            case kernel, distribution
            case openFiles = "open_files"
            case openFilesMost = "open_files_most"
            case libraries
        }

        public init(
            hostName: String, kernel: String, distribution: String?, openFiles: Int64, openFilesMost: Int64,
            libraries: [Library]
        ) {
            self.hostName = hostName
            self.kernel = kernel
            self.distribution = distribution
            self.openFiles = openFiles
            self.openFilesMost = openFilesMost
            self.libraries = libraries
        }
    }

    /// The settings without the accounts', which stand with each account.
    public struct ConfigurationReport: Codable, Hashable, Sendable {
        public var files: [String]
        public var moreFiles: Int
        /// As `postbote.yaml` would say them; secrets by where they are, never by what they are.
        public var settings: [String]
        /// What `check-config` finds in the files as they are now.
        public var findings: [String]
        public var moreFindings: Int
        /// Words that somebody chose: names of accounts, providers, destinations, users and tenants. `--anonymous` hides them.
        public var names: [String]

        enum CodingKeys: String, CodingKey {
            case files
            case moreFiles = "more_files"
            case settings, findings
            case moreFindings = "more_findings"
            case names
        }

        public init(
            files: [String] = [], moreFiles: Int = 0, settings: [String] = [], findings: [String] = [],
            moreFindings: Int = 0, names: [String] = []
        ) {
            self.files = files
            self.moreFiles = moreFiles
            self.settings = settings
            self.findings = findings
            self.moreFindings = moreFindings
            self.names = names
        }
    }

    public struct FileSystemReport: Codable, Hashable, Sendable {
        /// What lies there: `state`, `destination inbox`.
        public var of: String
        public var path: String
        /// As mount(8) calls it.
        public var type: String?
        public var octets: Int64?
        /// What is left for the service.
        public var available: Int64?
        /// Why nothing is known.
        public var problem: String?

        public init(
            of: String, path: String, type: String? = nil, octets: Int64? = nil, available: Int64? = nil,
            problem: String? = nil
        ) {
            self.of = of
            self.path = path
            self.type = type
            self.octets = octets
            self.available = available
            self.problem = problem
        }
    }
}
