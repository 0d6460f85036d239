/// How long, how many, and which random numbers.
struct SoakOptions {
    var minutes = 30
    var mailboxes = 50
    var seed = UInt64.random(in: 0..<1_000_000)

    init(_ arguments: some Sequence<String>) throws {
        var words = arguments.makeIterator()
        while let name = words.next() {
            guard let value = words.next().flatMap({ Int($0) }), value > 0 else { throw SoakFailure.usage }
            switch name {
            case "--minutes": minutes = value
            case "--mailboxes": mailboxes = value
            case "--seed": seed = UInt64(value)
            default: throw SoakFailure.usage
            }
        }
    }
}

/// Why the soak did not come to its end.
struct SoakFailure: Error, CustomStringConvertible {
    let description: String

    static let usage = SoakFailure(description: "usage: soak [--minutes N] [--mailboxes N] [--seed N]")
}
