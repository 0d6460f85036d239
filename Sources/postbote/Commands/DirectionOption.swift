import ArgumentParser
import MailModel

extension Direction: ExpressibleByArgument {}

/// Whose sign-in is meant, where an account needs two.
struct DirectionOption: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Of an account that receives and sends with two sign-ins: which one.", valueName: "receive|send"))
    var direction: Direction?
}
