import ArgumentParser
import Glibc

/// Runs the command that the arguments, or the name it was called by, ask for.
@main
enum Program {
    static func main() async {
        // A reader that went away is told by the write's error.
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            switch CommandLine.arguments.first?.split(separator: "/").last {
            case "sendmail": try await Sendmail.run(arguments)
            case "mailq": try await Sendmail.run(["-bp"] + arguments)
            default: try await run(arguments)
            }
        } catch let failure as CommandFailure {
            Console.complain(failure.lines)
            exit(failure.code.rawValue)
        } catch {
            PostboteCommand.exit(withError: error)
        }
    }

    private static func run(_ arguments: [String]) async throws {
        if arguments == ["sendmail", "--help"] { return try await run(["help", "sendmail"]) }
        // sendmail's options are not of the kind the parser knows.
        if arguments.first == "sendmail", arguments.dropFirst() != ["--help"] {
            return try await Sendmail.run(Array(arguments.dropFirst()))
        }
        var command = try PostboteCommand.parseAsRoot(arguments)
        if var command = command as? any AsyncParsableCommand {
            try await command.run()
        } else {
            try command.run()
        }
    }
}
