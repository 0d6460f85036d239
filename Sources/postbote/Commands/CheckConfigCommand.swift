import ArgumentParser
import ConfigurationFile

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Reads and checks the configuration.",
        discussion: """
            Every error is printed as FILE:LINE:COLUMN: message (exit code 78); warnings too. Without errors one line \
            says what is configured. Secrets that only the service sees are not missed.
            """)

    @Option(name: .long, help: "The configuration file.")
    var config: String?

    func run() throws {
        let reader = ConfigurationReader(option: config, environment: Environment.variables)
        let loaded: LoadedConfiguration
        do {
            loaded = try reader.read()
        } catch {
            throw CommandFailure(.configuration, lines: error.description.split(separator: "\n").map(String.init))
        }
        let secrets = SecretInspection.warnings(about: loaded.settings, directories: reader.directories)
        Console.complain(loaded.warnings.map(\.description) + secrets.map { "warning: \($0)" })
        try Console.write(loaded.summary)
    }
}
