/// Bytes on their way out.
///
/// OpenSSL remembers the address and length of a piece it could not send, and refuses another: the array is never
/// changed while it is here, so its storage stays where it is, and `piece` is the same until it is accepted.
struct Outgoing {
    private let bytes: [UInt8]
    private(set) var accepted = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isDone: Bool { accepted == bytes.count }

    func withPiece<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBytes { all in
            try body(UnsafeRawBufferPointer(rebasing: all[accepted..<min(accepted + Limits.writePiece, all.count)]))
        }
    }

    mutating func advance(by count: Int) { accepted += count }
}
