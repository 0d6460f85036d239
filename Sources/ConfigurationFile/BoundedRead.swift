import Glibc

/// Reads a descriptor to its end, but not for ever.
enum BoundedRead {
    /// At most one octet more than `limit`, so that the caller sees that there is too much; `nil` on an error, in `errno`.
    static func all(of descriptor: Int32, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit + 1 - bytes.count))
            if count == 0 { break }
            if count > 0 {
                bytes += chunk[..<count]
            } else if errno != EINTR {
                return nil
            }
        }
        return bytes
    }
}
