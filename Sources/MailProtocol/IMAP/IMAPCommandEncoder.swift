import Diagnostics

/// Writes commands as they go over the wire (RFC 3501 §2.2.1, §4.3).
struct IMAPCommandEncoder {
    let literals: IMAPLiterals

    /// What to send: the first at once, each other after one continuation of the server's. Only synchronizing literals
    /// make more than one.
    func encode(_ command: IMAPCommand, tag: IMAPTag) -> [ClientLine] {
        var draft = Draft()
        draft.append(Array("\(tag) ".utf8))
        for part in command.parts {
            switch part {
            case .text(let text): draft.append(Array(text.utf8))
            case .string(let octets): append(octets, isSecret: false, to: &draft)
            case .secret(let secret): secret.withBytes { append($0, isSecret: true, to: &draft) }
            }
        }
        draft.append([0x0D, 0x0A])
        draft.send()
        return draft.lines
    }

    private func append(_ octets: [UInt8], isSecret: Bool, to draft: inout Draft) {
        guard !IMAPCommandEncoder.canBeQuoted(octets) else {
            return draft.append(IMAPCommandEncoder.quoted(octets), isSecret: isSecret)
        }
        let waits = !goesWithoutWaiting(octets.count)
        draft.append(Array("{\(octets.count)\(waits ? "" : "+")}\r\n".utf8))
        if waits { draft.send() }
        draft.append(octets, isSecret: isSecret)
    }

    private func goesWithoutWaiting(_ count: Int) -> Bool {
        switch literals {
        case .synchronizing: false
        case .nonSynchronizingSmall: count <= IMAPLimits.smallLiteral
        case .nonSynchronizing: true
        }
    }

    /// Short, and 7-bit without CR, LF and NUL.
    private static func canBeQuoted(_ octets: [UInt8]) -> Bool {
        octets.count <= IMAPLimits.quoted && octets.allSatisfy { $0 < 0x80 && $0 != 0 && $0 != 0x0A && $0 != 0x0D }
    }

    private static func quoted(_ octets: [UInt8]) -> [UInt8] {
        var quoted = [UInt8(ascii: "\"")]
        for octet in octets {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(octet)
        }
        return quoted + [UInt8(ascii: "\"")]
    }

    /// A command on its way onto the wire, and what of it may be shown.
    private struct Draft {
        private(set) var lines: [ClientLine] = []
        private var octets: [UInt8] = []
        private var shown: [UInt8] = []
        private var hasSecret = false

        mutating func append(_ more: [UInt8], isSecret: Bool = false) {
            octets += more
            shown += isSecret ? Array("<secret>".utf8) : more
            hasSecret = hasSecret || isSecret
        }

        mutating func send() {
            let text = shown[...].text.split(separator: "\r\n").joined(separator: " ")
            lines.append(
                hasSecret ? ClientLine(secret: Secret(bytes: octets), shown: text) : ClientLine(octets: octets))
            octets = []
            shown = []
            hasSecret = false
        }
    }
}
