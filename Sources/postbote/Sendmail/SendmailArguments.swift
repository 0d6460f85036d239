/// sendmail's command line, as programs have called it for decades: options in one word or two, several in one word, and
/// many that mean nothing any more.
struct SendmailArguments: Hashable {
    enum Mode: Hashable {
        /// Deliver the message on standard input.
        case deliver
        /// List the queue (`-bp`).
        case listQueue
        /// Try what is deferred at once (`-q`).
        case runQueue
    }

    var mode = Mode.deliver
    var recipients: [String] = []
    /// `-t`.
    var recipientsFromHeader = false
    /// `-i`, `-oi`: a lone dot does not end the message.
    var ignoresLoneDot = false
    /// `-f`, `-r`; empty for `-f ''` and `-f '<>'`.
    var sender: String?
    /// `-F`.
    var fullName: String?

    /// Options whose value is the rest of the word or the next one.
    private static let withValue = Set("fFrobBCdhLNOpRXA")
    /// Options that mean nothing to us and have no value. `-n`: aliases are not ours to expand.
    private static let ignored = Set("EGmnUvV")

    init(_ arguments: [String]) throws(CommandFailure) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                recipients += rest
                break
            }
            guard word.hasPrefix("-"), word.count > 1 else {
                recipients.append(word)
                continue
            }
            try read(word.dropFirst(), &rest)
        }
        // Several addresses in one argument are several recipients; what they mean is for whoever parses addresses.
        recipients = recipients.flatMap { $0.split(separator: ",") }.map { SendmailArguments.trimmed($0) }
        recipients.removeAll(where: \.isEmpty)
    }

    /// One word of options without its dash.
    private mutating func read(_ word: Substring, _ rest: inout ArraySlice<String>) throws(CommandFailure) {
        var word = word
        while let letter = word.popFirst() {
            // `-q` takes its time only in the same word.
            if letter == "q" {
                mode = .runQueue
                return
            }
            guard SendmailArguments.withValue.contains(letter) else {
                try set(letter)
                continue
            }
            guard let value = word.isEmpty ? rest.popFirst() : String(word) else {
                throw CommandFailure(.usage, "sendmail: option -\(letter) needs a value")
            }
            return try set(letter, value)
        }
    }

    private mutating func set(_ letter: Character) throws(CommandFailure) {
        switch letter {
        case "t": recipientsFromHeader = true
        case "i": ignoresLoneDot = true
        case _ where SendmailArguments.ignored.contains(letter): break
        default: throw CommandFailure(.usage, "sendmail: option -\(letter) is not known")
        }
    }

    private mutating func set(_ letter: Character, _ value: String) throws(CommandFailure) {
        switch letter {
        case "f", "r": sender = value == "<>" ? "" : SendmailArguments.withoutBrackets(value)
        case "F": fullName = value
        // Of sendmail's `-o` options only `i` changes what we do.
        case "o": if value == "i" { ignoresLoneDot = true }
        case "b": mode = try SendmailArguments.mode(value)
        default: break
        }
    }

    private static func mode(_ value: String) throws(CommandFailure) -> Mode {
        switch value {
        case "m": return .deliver
        case "p": return .listQueue
        default: throw CommandFailure(.usage, "sendmail: -b\(value) is not known here: use -bm or -bp")
        }
    }

    private static func withoutBrackets(_ text: String) -> String {
        text.hasPrefix("<") && text.hasSuffix(">") ? String(text.dropFirst().dropLast()) : text
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        var end = start
        while let last = end.last, last == " " || last == "\t" { end.removeLast() }
        return String(end)
    }
}
