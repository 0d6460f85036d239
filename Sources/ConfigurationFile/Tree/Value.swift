/// A value of the configuration and where it is written, before anything is known about its type.
struct Value {
    enum Content {
        /// `null` or `~`, which unsets what `defaults` gave.
        case null
        /// A key with nothing behind it.
        case nothing
        case scalar(Scalar)
        case list([Value])
        case map([Entry])
        /// An error was reported here already.
        case invalid
    }

    /// Text as it is written: types come from the schema, never from how a value looks.
    struct Scalar {
        var text: String
        /// Without quotes.
        var isPlain: Bool
    }

    struct Entry {
        var key: String
        var keyPosition: Position
        var value: Value
    }

    var content: Content
    var position: Position

    var isNull: Bool {
        if case .null = content { true } else { false }
    }

    var scalar: Scalar? {
        if case .scalar(let scalar) = content { scalar } else { nil }
    }

    /// What stands here, for an error that wanted something else.
    var kind: String {
        switch content {
        case .null: "null"
        case .nothing: "nothing"
        case .scalar(let scalar): scalar.isPlain ? "a single value" : "quoted text"
        case .list: "a list"
        case .map: "a map of keys"
        case .invalid: "something unreadable"
        }
    }
}
