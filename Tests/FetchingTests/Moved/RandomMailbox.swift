import Diagnostics
import TestSupport

/// A mailbox as companies have them: mostly ordinary mail, and all that shares or lacks what tells mail apart.
struct RandomMailbox {
    private(set) var generator: SeededGenerator
    private var nextToken = 0

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// - Parameters:
    ///   - present: mail that is in the mailbox already; some arrivals are further copies of it.
    ///   - removed: mail that was there: of it nothing arrives again that looks exactly like it, which nobody could tell
    ///     from what was there.
    mutating func arrivals(_ count: Int, after present: [ComposedMessage], removed: [ComposedMessage] = [])
        -> [ComposedMessage]
    {
        var mails: [ComposedMessage] = []
        for _ in 0..<count {
            nextToken += 1
            let all = present + mails
            let gone = Set(removed.map(\.looks))
            switch Int.random(in: 0..<100, using: &generator) {
            case 0..<4: mails.append(list(copyOf: (all + removed).randomElement(using: &generator)))
            case 4..<8: mails.append(alias(copyOf: (all + removed).randomElement(using: &generator)))
            case 8..<11:
                mails.append(same(as: all.filter { !gone.contains($0.looks) }.randomElement(using: &generator)))
            case 11..<17: mails.append(withoutMessageID())
            case 17..<20: mails.append(scan())
            default: mails.append(ordinary())
            }
        }
        return mails
    }

    /// Some of `mails`, in another order in half of the cases.
    mutating func kept(of mails: [ComposedMessage]) -> [ComposedMessage] {
        let loses = Bool.random(using: &generator)
        let kept = mails.filter { _ in !loses || Int.random(in: 0..<5, using: &generator) > 0 }
        return Bool.random(using: &generator) ? kept.shuffled(using: &generator) : kept
    }

    mutating func rendered(_ mails: [ComposedMessage], _ rendering: Rendering) -> [ComposedMessage] {
        mails.map { rendering.render($0, using: &generator) }
    }

    mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    // MARK: Kinds

    private mutating func ordinary() -> ComposedMessage {
        var mail = ComposedMessage(fields: [], text: text(), boundary: nil, token: nextToken)
        mail["From"] = "\"Kunde \(number(in: 1...9))\" <kunde\(number(in: 1...9))@example.net>"
        mail["To"] = "support@example.test"
        mail["Subject"] = Rendering.encodedAnew("Anfrage über Größe \(number(in: 1...99))", inBase64: true)
        mail["Date"] = MailDate.text(of: Timestamp(seconds: 1_790_000_000 + Int64(nextToken) * 61))
        mail["Message-ID"] = "<\(generator.next())@example.net>"
        mail["Delivered-To"] = "support@example.test"
        if number(in: 1...3) == 1 { mail.boundary = "b\(nextToken)" }
        return mail
    }

    private mutating func same(as original: ComposedMessage?) -> ComposedMessage { original ?? ordinary() }

    private mutating func withoutMessageID() -> ComposedMessage {
        var mail = ordinary()
        mail["Message-ID"] = nil
        return mail
    }

    /// A device without a clock, with one Message-ID for all.
    private mutating func scan() -> ComposedMessage {
        var mail = ComposedMessage(fields: [], text: text(), boundary: nil, token: nextToken)
        mail["From"] = "scanner@example.test"
        mail["To"] = "support@example.test"
        mail["Subject"] = "Scan"
        mail["Message-ID"] = "<scan@device.example.test>"
        return mail
    }

    private mutating func list(copyOf original: ComposedMessage?) -> ComposedMessage {
        guard var mail = original, mail["Message-ID"] != nil else { return ordinary() }
        // One more through the same list would be the same mail again.
        nextToken += 1
        mail["List-Id"] = "List \(nextToken) <list\(nextToken).example.test>"
        mail.token = nextToken
        return mail
    }

    private mutating func alias(copyOf original: ComposedMessage?) -> ComposedMessage {
        guard var mail = original, mail["Message-ID"] != nil, mail["Delivered-To"] != nil else { return ordinary() }
        nextToken += 1
        mail["Delivered-To"] = "alias\(nextToken)@example.test"
        mail.token = nextToken
        return mail
    }

    private mutating func text() -> [String] {
        (0..<number(in: 1...6)).map { "Line \($0) of \(generator.next())" }
    }
}
