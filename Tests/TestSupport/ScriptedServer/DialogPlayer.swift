/// Plays one dialog: what happens on the connection in, what to do out. It knows no sockets.
struct DialogPlayer {
    enum Event {
        case connected
        case received([UInt8])
        /// What was to be sent is sent, or TLS is in place.
        case done
        case proceed(String)
        case ended
    }

    enum Action: Equatable {
        case send([UInt8])
        case startTLS
        case close
        case reset
        /// Read no more, or again.
        case read(Bool)
        /// The dialog is played to its end.
        case finished
        /// The client did something else.
        case mismatch(String)
    }

    private let steps: [Dialog.Step]
    private var next = 0
    private var received: [UInt8] = []
    private var variables: [String: [UInt8]] = [:]
    private var proceeding: Set<String> = []
    /// Waiting for `done`.
    private var isBusy = false
    private var isHolding = false
    private var isOver = false
    /// What the client sent and the server answered, for a test to look at.
    private(set) var transcript = Transcript()

    init(_ dialog: Dialog) { steps = dialog.steps }

    mutating func handle(_ event: Event) -> [Action] {
        guard !isOver else { return [] }
        switch event {
        case .connected: break
        case .received(let bytes): received += bytes
        case .done: isBusy = false
        case .proceed(let name): proceeding.insert(name)
        case .ended: return end()
        }
        return advance()
    }

    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        while !isBusy, !isOver, next < steps.count {
            guard let action = play(steps[next]) else { return actions }
            actions += action
        }
        if !isOver, !isBusy, next == steps.count, !received.isEmpty { actions += mismatch("the client to hang up") }
        return actions
    }

    /// What this step does; `nil` while it has to wait.
    private mutating func play(_ step: Dialog.Step) -> [Action]? {
        switch step {
        case .send(let pieces):
            let bytes = pieces.flatMap(resolved)
            transcript.sent(bytes)
            return busy(.send(bytes))
        case .startTLS: return busy(.startTLS)
        case .expectLine(let pattern): return takeLine(pattern)
        case .expectBytes(let count): return takeBytes(count)
        case .expectThroughDot: return takeThrough("\r\n.\r\n")
        case .expectThroughEmptyLine: return takeThrough("\r\n\r\n")
        case .wait(let name):
            return proceeding.remove(name) == nil ? nil : done()
        case .hold(let name): return hold(name)
        case .takeRest:
            transcript.received(received)
            received = []
            return nil
        case .close: return over(.close)
        case .reset: return over(.reset)
        case .stall: return over(.read(false))
        }
    }

    private mutating func hold(_ name: String) -> [Action]? {
        if proceeding.remove(name) != nil {
            defer { isHolding = false }
            return (isHolding ? [.read(true)] : []) + done()
        }
        defer { isHolding = true }
        // Waiting, but not without having said so once.
        return isHolding ? nil : [.read(false)]
    }

    private mutating func takeLine(_ pattern: LinePattern) -> [Action]? {
        guard let end = received.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        var line = Array(received[..<end])
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let found = pattern.match(line, known: variables) else { return mismatch("the line “\(pattern)”") }
        variables = found
        return taken(end + 1)
    }

    private mutating func takeBytes(_ count: Dialog.Count) -> [Action]? {
        let wanted: Int
        switch count {
        case .exactly(let number): wanted = number
        case .variable(let name):
            guard let number = variables[name].flatMap({ Int(String(decoding: $0, as: UTF8.self)) }) else {
                return mismatch("$\(name) to be a number")
            }
            wanted = number
        }
        return received.count >= wanted ? taken(wanted) : nil
    }

    /// - Parameter end: The end of a line and the last line after it, which may also be the only one.
    private mutating func takeThrough(_ end: String) -> [Action]? {
        let end = Array(end.utf8)
        if received.starts(with: end.dropFirst(2)) { return taken(end.count - 2) }
        guard received.count >= end.count else { return nil }
        let start = received.indices.dropLast(end.count - 1).first { received[$0...].starts(with: end) }
        return start.flatMap { taken($0 + end.count) }
    }

    private mutating func taken(_ count: Int) -> [Action] {
        transcript.received(Array(received.prefix(count)))
        received.removeFirst(count)
        return done()
    }

    private mutating func busy(_ action: Action) -> [Action] {
        isBusy = true
        return [action] + done()
    }

    private mutating func over(_ action: Action) -> [Action] {
        isOver = true
        return [action, .finished]
    }

    private mutating func done() -> [Action] {
        next += 1
        return next == steps.count ? [.finished] : []
    }

    private mutating func mismatch(_ expected: String) -> [Action] {
        isOver = true
        let sent = String(decoding: received.prefix(300), as: UTF8.self).debugDescription
        return [.mismatch("step \(next + 1): expected \(expected), got \(sent)"), .close]
    }

    private mutating func end() -> [Action] {
        isOver = true
        guard next < steps.count else { return [] }
        if case .takeRest = steps[next], next == steps.count - 1 { return [.finished] }
        return [.mismatch("step \(next + 1): the client hung up, left over: \(steps[next...])")]
    }

    private func resolved(_ piece: Dialog.Piece) -> [UInt8] {
        switch piece {
        case .bytes(let bytes): bytes
        case .variable(let name): variables[name] ?? Array("$\(name)".utf8)
        case .filler(let count): Filler.bytes(count)
        }
    }
}
