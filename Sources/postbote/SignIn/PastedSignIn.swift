import Glibc
import Operations

/// `authorize --paste`: any browser, and the address at which it ended, by hand.
struct PastedSignIn {
    let account: String
    let client: ControlClient
    let order: SignInOrder

    func run() async throws -> AuthorizationProgress {
        let waiting = try await WaitingSignIn.begin(order, account, client)
        try Console.write(lines: [
            "Open \(Printable(waiting.page.authorizeURL))",
            "in any browser, before \(waiting.page.expires), and sign in as the owner of this mailbox. It ends at an address that "
                + "begins with", "  \(Printable(waiting.page.redirectURI))",
            "(the page may be empty, or say that there is nothing). Paste that address here, and press Enter:",
        ])
        var input = PastedText()
        while let text = try input.next() {
            do {
                return try await waiting.finish(try PastedRedirect.read(text, of: waiting), client)
            } catch let unusable as PastedRedirect.Unusable {
                Console.complain([unusable.reason])
            }
        }
        throw CommandFailure(.refused, "standard input ended without the address of an answer")
    }
}

/// What is pasted into standard input, one piece at a time.
///
/// A terminal or a mail program may have broken the address into lines, so that a piece ends where nothing more comes
/// after a line's end, and not at the first of them.
private struct PastedText {
    private static let limit = 64 << 10
    /// Long for a paste, short for a person, in milliseconds.
    private static let pause: Int32 = 400
    private var isOver = false

    /// `nil` at the end of the input.
    mutating func next() throws -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !isOver {
            var waiting = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            let isLineEnd = bytes.last == UInt8(ascii: "\n") && bytes.contains { $0 > UInt8(ascii: " ") }
            let ready = poll(&waiting, 1, isLineEnd ? PastedText.pause : -1)
            if ready < 0, errno == EINTR { continue }
            if ready == 0 { break }
            let count = Glibc.read(0, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.refused, "cannot read standard input: \(String(cString: strerror(errno)))")
            }
            isOver = count == 0
            bytes += buffer[..<count]
            guard bytes.count <= PastedText.limit else {
                throw CommandFailure(.refused, "that is longer than any address")
            }
        }
        return bytes.contains { $0 > UInt8(ascii: " ") } ? String(decoding: bytes, as: UTF8.self) : nil
    }
}
