import ArgumentParser

/// Where the daemon is found.
struct DaemonOptions: ParsableArguments {
    @Option(name: .long, help: "The configuration file, which names the control socket.")
    var config: String?

    var socket: DaemonSocket { DaemonSocket(option: config, environment: Environment.variables) }

    func client() async throws -> ControlClient { ControlClient(socket: try await socket.open()) }
}
