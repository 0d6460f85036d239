/// Reads a dialog's text, line by line.
struct DialogParser {
    private var steps: [Dialog.Step] = []
    /// What `S+` lines want to go out together with the next S step.
    private var held: [Dialog.Piece] = []

    mutating func take(_ line: String, number: Int) throws {
        let line = line.hasPrefix(" ") ? String(line.drop { $0 == " " }) : line
        guard !line.isEmpty, !line.hasPrefix("#") else { return }
        guard let step = try plain(line) ?? exchange(line) else { throw DialogSyntaxError(line: number, text: line) }
        if case .send(let pieces) = step {
            if line.hasPrefix("S+") { held += pieces } else { steps.append(.send(flushed() + pieces)) }
        } else {
            if !held.isEmpty { steps.append(.send(flushed())) }
            steps.append(step)
        }
    }

    mutating func finish() -> [Dialog.Step] {
        if !held.isEmpty { steps.append(.send(flushed())) }
        return steps
    }

    private mutating func flushed() -> [Dialog.Piece] {
        defer { held = [] }
        return held
    }

    private func plain(_ line: String) -> Dialog.Step? {
        switch line {
        case "TLS": .startTLS
        case "REST": .takeRest
        case "CLOSE": .close
        case "RESET": .reset
        case "STALL": .stall
        case "C.": .expectThroughDot
        case "C/": .expectThroughEmptyLine
        case _ where line.hasPrefix("WAIT "): .wait(String(line.dropFirst(5)))
        case _ where line.hasPrefix("HOLD "): .hold(String(line.dropFirst(5)))
        default: nil
        }
    }

    private func exchange(_ line: String) throws -> Dialog.Step? {
        let text = line.count > 2 ? String(line.dropFirst(line.dropFirst(2).hasPrefix(" ") ? 3 : 2)) : ""
        switch line.prefix(2) {
        case "S:", "S+": return .send(pieces(text + "\\r\\n"))
        case "S-": return .send(pieces(text))
        case "S=": return Int(text).map { .send([.filler($0)]) }
        case "C:": return .expectLine(LinePattern(text))
        case "C=":
            if text.hasPrefix("$") { return .expectBytes(.variable(String(text.dropFirst()))) }
            return Int(text).map { .expectBytes(.exactly($0)) }
        default: return nil
        }
    }

    /// Bytes with their escapes resolved, and variables between them.
    private func pieces(_ text: String) -> [Dialog.Piece] {
        var pieces: [Dialog.Piece] = []
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"): bytes.append(escaped(&rest))
            case UInt8(ascii: "$"):
                let name = LinePattern.name(&rest)
                guard !name.isEmpty else {
                    if rest.first == UInt8(ascii: "$") { rest.removeFirst() }
                    bytes.append(byte)
                    continue
                }
                pieces += [.bytes(bytes), .variable(name)]
                bytes = []
            default: bytes.append(byte)
            }
        }
        return pieces + [.bytes(bytes)]
    }

    private func escaped(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "x"):
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            rest = rest.dropFirst(2)
            return UInt8(digits, radix: 16) ?? UInt8(ascii: "?")
        case let other: return other ?? UInt8(ascii: "\\")
        }
    }
}
