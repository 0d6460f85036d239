import Diagnostics
import MailModel

extension IntakeHeader {
    /// Checks the header and makes it whole: what is missing is added, what is private removed.
    mutating func complete(_ options: IntakeOptions) throws(Failure) -> OutgoingMessage {
        let recipients = try recipients(options)
        let from = try completeFrom(options)
        remove("bcc", "resent-bcc", "return-path", "content-length")
        completeResent(options)
        if !has("date") { add("Date", MessageDate.format(options.date)) }
        if messageID == nil { add("Message-ID", options.messageID.description) }
        return OutgoingMessage(
            from: from, recipients: recipients, messageID: messageID ?? options.messageID,
            subject: fields("subject").first.map { HeaderText.decode($0.value) } ?? "", size: 0, is8Bit: false,
            hasInternationalizedHeader: !isASCII, longestLine: 0, addedFields: addedFields)
    }

    private var messageID: MessageID? { fields("message-id").first.flatMap { MessageID(field: $0.value) } }

    // MARK: From

    private mutating func completeFrom(_ options: IntakeOptions) throws(Failure) -> [NamedAddress] {
        let present = fields("from")
        guard present.count <= 1 else {
            throw MessageIntake.refused(
                "The message has \(present.count) From fields; it may have one (RFC 5322 §3.6).")
        }
        let list = addresses(["from"])
        if let unreadable = list.unreadable.first {
            throw MessageIntake.refused("The From field holds what is no address: \(shown(unreadable))")
        }
        let isWhole = !list.entries.isEmpty && list.entries.allSatisfy { !$0.address.domain.isEmpty }
        if isWhole { return try checked(list.entries, "From") }
        guard case .use(let given) = options.missingFrom else {
            throw MessageIntake.refused(
                list.entries.isEmpty
                    ? "The message has no From field with an address. Write one."
                    : "The From address has no domain. Write it in full.")
        }
        let author = NamedAddress(name: list.entries.first?.name ?? given.name, address: given.address)
        add("From", author.description)
        return try checked([author], "From")
    }

    private func checked(_ list: [NamedAddress], _ field: String) throws(Failure) -> [NamedAddress] {
        for entry in list {
            guard let defect = entry.address.defect else { continue }
            throw MessageIntake.refused("The address \(shown(entry.address.description)) in \(field) \(defect).")
        }
        return list
    }

    // MARK: Recipients

    private func recipients(_ options: IntakeOptions) throws(Failure) -> [MailAddress] {
        var all = options.recipients
        if options.takesRecipientsFromHeader { all += try recipientsInHeader() }
        var seen: Set<String> = []
        var recipients: [MailAddress] = []
        for var recipient in all {
            if recipient.domain.isEmpty { recipient.domain = options.localDomain ?? "" }
            if let defect = recipient.defect {
                throw MessageIntake.refused("The recipient \(shown(recipient.description)) \(defect).")
            }
            if seen.insert(recipient.folded).inserted { recipients.append(recipient) }
        }
        guard !recipients.isEmpty else {
            throw MessageIntake.refused(
                "The message has no recipient. Name one beside the message, or in its To, Cc or Bcc.")
        }
        guard recipients.count <= SMTPLimits.recipients else {
            throw MessageIntake.refused("The message has more than \(SMTPLimits.recipients) recipients.")
        }
        return recipients
    }

    /// A resent message goes to whom it is resent, not again to its first recipients (RFC 5322 §3.6.6).
    private func recipientsInHeader() throws(Failure) -> [MailAddress] {
        let resent = ["resent-to", "resent-cc", "resent-bcc"]
        let list = addresses(fields.contains { resent.contains($0.name) } ? resent : ["to", "cc", "bcc"])
        if let unreadable = list.unreadable.first {
            throw MessageIntake.refused("The header names a recipient that is no address: \(shown(unreadable))")
        }
        return list.entries.map(\.address)
    }

    // MARK: Resent

    /// A block of Resent fields has a date and an identifier of its own, at its top (RFC 5322 §3.6.6).
    private mutating func completeResent(_ options: IntakeOptions) {
        guard fields.contains(where: { $0.name.hasPrefix("resent-") }) else { return }
        if !has("resent-message-id") { add("Resent-Message-ID", options.messageID.description, first: true) }
        if !has("resent-date") { add("Resent-Date", MessageDate.format(options.date), first: true) }
    }

    /// Words of a stranger, for people to read.
    private func shown(_ text: String) -> String {
        String(text.prefix(200).map { $0.isNewline || $0.isASCII && $0 < " " ? "?" : $0 })
    }
}
