import ArgumentParser

/// Stands in the list of commands; `Program` has read sendmail's options before.
struct SendmailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sendmail", abstract: "Queues a message as sendmail does, also when called by that name.",
        discussion: """
            -t takes the recipients from the message; -i, -oi: a line with a dot does not end it; -f ADDRESS: the \
            envelope's sender; -F NAME: the full name for a missing From; -bp lists the queue, as does the name mailq; \
            -q tries what is deferred at once. Other options of sendmail are accepted and mean nothing.
            """)

    @Argument(parsing: .captureForPassthrough, help: "Options of sendmail and recipients.")
    var arguments: [String] = []

    func run() async throws { try await Sendmail.run(arguments) }
}
