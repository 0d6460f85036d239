import ArgumentParser
import ConfigurationFile
import Daemon
import Glibc

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the daemon, in the foreground.",
        discussion: """
            Fetches and sends until SIGTERM; SIGHUP reads the configuration again. The log goes to standard error, or to \
            the journal where standard error is the journal.
            """)

    @Option(name: .long, help: "The configuration file.")
    var config: String?

    func run() async throws {
        let environment = Environment.variables
        let reader = ConfigurationReader(option: config, environment: environment)
        let code = await Service(reader: reader, environment: environment).run()
        // All was said in the log.
        if code != 0 { Glibc.exit(code) }
    }
}
