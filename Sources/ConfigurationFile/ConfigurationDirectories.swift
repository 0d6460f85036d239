/// The directories that systemd hands over, or their defaults.
public struct ConfigurationDirectories: Hashable, Sendable {
    /// Where state is kept, unless the configuration says `state_directory`.
    public var state: String
    /// Where the sockets are made, unless the configuration says `control_socket`.
    public var runtime: String
    /// Where systemd puts credentials; `nil` when there are none.
    public var credentials: String?

    public init(
        state: String = "/var/lib/postbote", runtime: String = "/run/postbote", credentials: String? = nil
    ) {
        self.state = state
        self.runtime = runtime
        self.credentials = credentials
    }

    /// From `STATE_DIRECTORY`, `RUNTIME_DIRECTORY` and `CREDENTIALS_DIRECTORY` (systemd.exec(5)). Of several directories,
    /// which a unit may have, the first is meant.
    public init(environment: [String: String]) {
        func directory(_ variable: String) -> String? {
            let first = environment[variable]?.split(separator: ":").first.map(String.init)
            return first?.hasPrefix("/") == true ? first : nil
        }
        self.init(credentials: directory("CREDENTIALS_DIRECTORY"))
        state = directory("STATE_DIRECTORY") ?? state
        runtime = directory("RUNTIME_DIRECTORY") ?? runtime
    }
}
