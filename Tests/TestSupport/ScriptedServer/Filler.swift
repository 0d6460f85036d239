/// Bytes that are worth nothing but their number, in lines of 78 letters: a place looks different from those around it,
/// so that a lost or doubled piece shows.
public enum Filler {
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + period.count)
        while bytes.count < count { bytes += period }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static let period: [UInt8] = (0..<26).flatMap { line in
        (0..<78).map { UInt8(ascii: "a") + UInt8((line + $0) % 26) } + [13, 10]
    }
}
