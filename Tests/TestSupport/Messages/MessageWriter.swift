import Diagnostics

/// Writes one message of a corpus.
struct MessageWriter {
    let corpus: MessageCorpus
    let index: Int
    var generator: SeededGenerator
    private(set) var bytes: [UInt8] = []
    /// Whose Message-ID and date the message has.
    private var identity: Int

    init(corpus: MessageCorpus, index: Int, generator: SeededGenerator) {
        self.corpus = corpus
        self.index = index
        self.generator = generator
        identity = index
    }

    mutating func write(_ kind: MessageKind) {
        switch kind {
        case .plainText: text(subject: "Rückfrage zu Angebot \(index)", encoding: .quotedPrintable)
        case .alternative: alternative()
        case .newsletter: newsletter()
        case .attachment: mixed(attachment: attachmentSize())
        case .largeAttachment: mixed(attachment: 5 << 20)
        case .eightBit: text(subject: "Gruesse \(index)", encoding: .eightBit)
        case .latin1: latin1()
        case .encodedHeaders: text(subject: MessageText.longSubject, encoding: .quotedPrintable)
        case .internationalHeaders: internationalHeaders()
        case .withoutMessageID: text(subject: "Ohne Kennung \(index)", messageID: nil, encoding: .sevenBit)
        case .repeatedMessageID: repeated()
        case .empty: break
        case .headersOnly: header(subject: "Nur Kopfzeilen \(index)")
        case .dotLines: dotLines()
        case .longLine: longLine()
        case .bareCR: bareCR()
        case .forwarded: forwarded()
        case .bounceReport: bounceReport()
        case .invitation: invitation()
        }
    }

    // MARK: Parts

    mutating func line(_ text: String) {
        bytes += text.utf8
        bytes += [13, 10]
    }

    mutating func append(_ more: some Collection<UInt8>) { bytes += more }

    /// The usual header, without the empty line behind it.
    mutating func header(subject: String, messageID: String? = "", more: [String] = []) {
        let from = pick(MessageText.people)
        let to = pick(MessageText.people)
        line("Return-Path: <\(from.address)>")
        line("Received: from mail.example.net (mail.example.net [192.0.2.\(index % 250 + 1)])")
        line("\tby mx.example.test with ESMTPS id \(String(generator.next(), radix: 36));")
        line("\t\(MailDate.text(of: date(of: identity)))")
        line("From: \(from.name) <\(from.address)>")
        line("To: \(to.name) <\(to.address)>")
        line("Subject: \(MessageText.encoded(subject))")
        line("Date: \(MailDate.text(of: date(of: identity)))")
        if let messageID { line("Message-ID: \(messageID.isEmpty ? ownMessageID : messageID)") }
        line("MIME-Version: 1.0")
        for field in more { line(field) }
    }

    private var ownMessageID: String { "<\(corpus.seed).\(identity)@corpus.example.test>" }

    /// Seven minutes apart, from 2026-01-01 on.
    private func date(of index: Int) -> Timestamp { Timestamp(seconds: 1_767_225_600 + Int64(index) * 420) }

    private mutating func textPart(_ encoding: MessageText.Encoding, paragraphs count: Int) {
        let sentences = MessageText.lines[encoding] ?? []
        for _ in 0..<count {
            for sentence in 0..<Int.random(in: 2...6, using: &generator) {
                append(pick(sentences))
                if sentence % 3 == 2 { line("") }
            }
            line("")
        }
        line("-- ")
        line("Sent from the corpus, message \(index)")
    }

    private mutating func text(subject: String, messageID: String? = "", encoding: MessageText.Encoding) {
        header(
            subject: subject, messageID: messageID,
            more: ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: \(encoding.rawValue)"])
        line("")
        textPart(encoding, paragraphs: Int.random(in: 2...24, using: &generator))
    }

    private var boundary: String { "=_corpus_\(corpus.seed)_\(index)" }

    private mutating func beginMultipart(_ subtype: String, subject: String, parameters: String = "") {
        header(
            subject: subject, more: ["Content-Type: multipart/\(subtype); boundary=\"\(boundary)\"\(parameters)"])
        line("")
        line("This is a message in several parts.")
    }

    private mutating func part(_ type: String, _ encoding: String, more: [String] = []) {
        line("--\(boundary)")
        line("Content-Type: \(type)")
        line("Content-Transfer-Encoding: \(encoding)")
        for field in more { line(field) }
        line("")
    }

    private mutating func endMultipart() { line("--\(boundary)--") }

    private mutating func html(paragraphs: Int) {
        line("<html><body style=3D\"font-family:sans-serif\">")
        for _ in 0..<paragraphs { append(pick(MessageText.htmlLines)) }
        line("</body></html>")
    }

    private mutating func base64(size: Int) { bytes += corpus.base64(size: size, using: &generator) }

    private mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int.random(in: 0..<choices.count, using: &generator)]
    }

    // MARK: Kinds

    private mutating func alternative() {
        beginMultipart("alternative", subject: "Protokoll der Sitzung \(index)")
        part("text/plain; charset=utf-8", "quoted-printable")
        textPart(.quotedPrintable, paragraphs: Int.random(in: 3...20, using: &generator))
        part("text/html; charset=utf-8", "quoted-printable")
        html(paragraphs: Int.random(in: 10...150, using: &generator))
        endMultipart()
    }

    private mutating func newsletter() {
        beginMultipart(
            "related", subject: "Neuigkeiten im März, Ausgabe \(index)", parameters: "; type=\"text/html\"")
        part("text/html; charset=utf-8", "quoted-printable")
        html(paragraphs: Int.random(in: 50...400, using: &generator))
        part("image/png", "base64", more: ["Content-ID: <logo@corpus.example.test>", "Content-Disposition: inline"])
        base64(size: Int.random(in: 4_000...115_000, using: &generator))
        endMultipart()
    }

    /// Most are some ten or hundred kilobytes; one in a hundred is some megabytes.
    private mutating func attachmentSize() -> Int {
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<50: Int.random(in: 20_000...150_000, using: &generator)
        case ..<85: Int.random(in: 150_000...700_000, using: &generator)
        case ..<97: Int.random(in: 600_000...2_300_000, using: &generator)
        default: Int.random(in: 2_500_000...5_000_000, using: &generator)
        }
    }

    private mutating func mixed(attachment size: Int) {
        beginMultipart("mixed", subject: "Rechnung \(index) für Februar")
        part("text/plain; charset=utf-8", "quoted-printable")
        textPart(.quotedPrintable, paragraphs: 3)
        part(
            "application/pdf; name=\"Rechnung-\(index).pdf\"", "base64",
            more: ["Content-Disposition: attachment;", " filename*=utf-8''Rechnung%20f%C3%BCr%20M%C3%A4rz.pdf"])
        base64(size: size)
        endMultipart()
    }

    private mutating func latin1() {
        header(
            subject: "Uebersicht",
            more: [
                "X-Thema: =?iso-8859-1?Q?Gr=FC=DFe_aus_K=F6ln?=", "Content-Type: text/plain; charset=iso-8859-1",
                "Content-Transfer-Encoding: quoted-printable",
            ])
        line("")
        for _ in 0..<20 { line("Sch=F6ne Gr=FC=DFe aus K=F6ln, und bis n=E4chste Woche =") }
        line("")
    }

    private mutating func internationalHeaders() {
        header(
            subject: "Grüße",
            more: [
                "X-Betreff: Grüße aus Köln", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit",
            ])
        line("")
        textPart(.eightBit, paragraphs: 2)
    }

    private mutating func repeated() {
        identity = max(0, index - 2)
        text(subject: "Zweite Nachricht mit derselben Kennung", encoding: .sevenBit)
    }

    private mutating func dotLines() {
        header(subject: "Punkte \(index)", more: ["Content-Type: text/plain"])
        line("")
        for text in ["first", ".", "..", ".hidden", "..twice", "...", "middle", ".", ""] { line(text) }
        line(".last")
    }

    private mutating func longLine() {
        header(subject: "Eine lange Zeile \(index)", more: ["Content-Type: text/plain"])
        line("")
        line(String(repeating: "lang und laenger ", count: 1200).prefix(20_000).description)
        line("Ende.")
    }

    private mutating func bareCR() {
        header(subject: "Alter Mac \(index)", more: ["Content-Type: text/plain"])
        line("")
        line("one\rtwo\rthree")
        line("four\r\rfive")
    }

    private mutating func forwarded() {
        beginMultipart("mixed", subject: "WG: Anfrage \(index)")
        part("text/plain; charset=utf-8", "8bit")
        textPart(.eightBit, paragraphs: 1)
        part("message/rfc822", "8bit", more: ["Content-Disposition: inline"])
        header(
            subject: "Anfrage \(index)", messageID: "<inner.\(index)@corpus.example.test>",
            more: ["Content-Type: text/plain"])
        line("")
        textPart(.sevenBit, paragraphs: 4)
        endMultipart()
    }

    private mutating func bounceReport() {
        beginMultipart(
            "report", subject: "Undelivered Mail Returned to Sender", parameters: "; report-type=delivery-status")
        part("text/plain", "7bit")
        line("Your message could not be delivered.")
        part("message/delivery-status", "7bit")
        line("Reporting-MTA: dns; mx.example.test")
        line("")
        line("Final-Recipient: rfc822; nobody@example.test")
        line("Action: failed")
        line("Status: 5.1.1")
        endMultipart()
    }

    private mutating func invitation() {
        beginMultipart("alternative", subject: "Einladung: Besprechung \(index)")
        part("text/plain; charset=utf-8", "quoted-printable")
        textPart(.quotedPrintable, paragraphs: 1)
        part("text/calendar; charset=utf-8; method=REQUEST", "8bit")
        for text in [
            "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:REQUEST", "BEGIN:VEVENT", "UID:\(index)@corpus.example.test",
        ] {
            line(text)
        }
        for text in ["SUMMARY:Besprechung über Änderungen", "END:VEVENT", "END:VCALENDAR"] { line(text) }
        endMultipart()
    }
}
