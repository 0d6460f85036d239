import MailModel

/// Reads one entry of `destinations`.
enum DestinationDecoder {
    private enum Kind: String, CaseIterable {
        case maildir, webhook, lmtp, pipe
    }

    static func decode(_ entry: Value.Entry, path: String, _ findings: Findings) -> Destination? {
        let name = DestinationName(entry.key)
        if name == nil { findings.badName(entry, of: "a destination") }
        return Section.decode(entry, path: path, findings) { section in
            let type = section.meant("type", Wanted<Kind>.anyCase)
            section.missing("type", "write maildir, webhook, lmtp or pipe")
            let kind =
                switch type {
                case .maildir: section.maildir()
                case .webhook: section.webhook()
                case .lmtp: section.lmtp()
                case .pipe: section.pipe()
                case nil: nil as Destination.Kind?
                }
            if type == nil { section.ignoreRest() }
            guard let name, let kind else { return nil }
            return Destination(name: name, kind: kind)
        }
    }
}

extension Section {
    fileprivate mutating func maildir() -> Destination.Kind? {
        let path = value("path", .template(.absolutePath, ["account", "address", "folder"]))
        let group = value("group", .word("the name of a group"))
        let mode = value("mode", .mode)
        missing("path", "where is the Maildir?")
        if let mode, mode.bits & 0o002 != 0, let entry = entry("mode") {
            findings.warn(.unsafe, at: entry.keyPosition, "everybody on this machine can change this mail")
        }
        return path.map { .maildir(MaildirSettings(path: $0, group: group, mode: mode?.bits ?? 0o600)) }
    }

    fileprivate mutating func webhook() -> Destination.Kind? {
        let url = value("url", .url)
        let secret = secret("secret")
        let headers = map("headers") { [findings] entry, path in
            if !entry.key.utf8.allSatisfy(isTokenByte) {
                findings.error(at: entry.keyPosition, "`\(Quoted(entry.key))` is not the name of a header")
            }
            return Section.secret(entry.value, named: entry.key, path: path, findings)
        }
        missing("url", "where is the mail posted to?")
        return url.map { .webhook(url: $0, secret: secret, headers: headers ?? [:]) }
    }

    fileprivate mutating func lmtp() -> Destination.Kind? {
        let address = value("address", .lmtpAddress)
        let recipient = value("recipient", .template(.word("an address"), ["account", "address", "folder"]))
        missing("address", "write unix:/PATH or HOST:PORT")
        return address.map { .lmtp(address: $0, recipient: recipient ?? "{address}") }
    }

    fileprivate mutating func pipe() -> Destination.Kind? {
        let placeholders = ["account", "address", "folder", "key"]
        let command = list("command", of: .template(.text("text"), placeholders), mayBeEmpty: false)
        let timeout = value("timeout", .duration(atLeast: .seconds(1)))
        missing("command", "a list: the program and its arguments")
        if let program = command?.first, !program.hasPrefix("/"), let entry = entry("command") {
            findings.error(at: entry.value.position, "the program in `command` must be an absolute path")
        }
        return command.map { .pipe(command: $0, timeout: timeout ?? .seconds(60)) }
    }
}

/// RFC 9110 §5.6.2.
private func isTokenByte(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
}

extension Wanted where Result == String {
    fileprivate static var lmtpAddress: Wanted {
        Wanted(words: "unix:/PATH or HOST:PORT") { scalar in
            if scalar.text.hasPrefix("unix:") { return scalar.text.hasPrefix("unix:/") ? scalar.text : nil }
            return WebAddress.split(scalar.text[...]).flatMap { $0.1 == nil ? nil : scalar.text }
        }
    }
}
