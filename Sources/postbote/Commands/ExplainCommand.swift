import ArgumentParser
import Explanations
import Operations

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Says what a provider's error means and what to do.",
        discussion: """
            Takes a code (AADSTS7000222, or 7000222 alone), an error's name (invalid_grant), what a mail server said, a \
            state of `postbote status`, or a whole line of the journal; quote a text with blanks. What is shown: what \
            happened, who acts, what to do, and how to see that it worked. It needs no daemon. `postbote status ACCOUNT` \
            shows the same with the names of the account filled in.
            """)

    @Argument(
        parsing: .allUnrecognized, help: ArgumentHelp("What to explain.", valueName: "code|text"))
    var text: [String] = []

    @Flag(name: .long, help: "List all keys with what they mean.")
    var list = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard list != text.contains(where: { !$0.isEmpty }) else {
            throw ValidationError("Either a code or text, or --list.")
        }
        // A reply such as `-ERR …` begins like an option.
        if let option = text.first(where: { $0.hasPrefix("--") && !$0.contains(" ") }) {
            throw ValidationError("Unknown option '\(option)'")
        }
    }

    func run() throws {
        let text = text.joined(separator: " ")
        let found = list ? Explanations.all : Explanations.find(text)
        guard !found.isEmpty else { throw CommandFailure(.notFound, lines: unknown(text)) }
        let shown = found.map { $0.filled(with: ExplanationFacts()) }
        if output.json {
            let bytes = try JSON.encode(Versioned(ExplanationList(entries: shown)))
            return try Console.write(bytes + [UInt8(ascii: "\n")])
        }
        if list {
            var table = Table([.init("KEY"), .init("WHO ACTS"), .init("WHAT HAPPENED")])
            for entry in shown { table.append([entry.key, entry.actor.rawValue, entry.happened]) }
            return try Console.write(lines: table.lines)
        }
        let blocks = shown.map { ExplanationDetails($0).lines().joined(separator: "\n") }
        try Console.write(blocks.joined(separator: "\n\n"))
    }

    /// What is done with what nobody knows, and where to look.
    private func unknown(_ text: String) -> [String] {
        let nearest = Explanations.nearest(to: text)
        let near = nearest.isEmpty ? nil : "known and similar: \(nearest.joined(separator: "; "))"
        let page = Explanations.asked(in: text).map { number in
            "Microsoft explains it at https://login.microsoftonline.com/error?code=\(number)"
        }
        return [
            "nothing is known of “\(text.prefix(200))”", near, page,
            "Postbote decides on the kind of an error, not on its words: with one that it does not know mail is kept, "
                + "what is hit is parked, and it is tried again every hour and after `postbote reload`",
        ].compactMap(\.self)
    }
}
