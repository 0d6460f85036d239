/// A comment in a structured field (RFC 5322 §3.2.2): comments nest, a backslash quotes.
enum Comment {
    /// What follows the comment that `bytes` begins with, and whether the comment was closed.
    static func skip(_ bytes: ArraySlice<UInt8>) -> (rest: ArraySlice<UInt8>, isClosed: Bool) {
        var depth = 0
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): index += 1
            default: break
            }
            index += 1
            if depth == 0 { return (bytes[min(index, bytes.endIndex)...], true) }
        }
        return (bytes[bytes.endIndex...], false)
    }
}
