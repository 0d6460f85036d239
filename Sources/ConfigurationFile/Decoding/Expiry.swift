import Diagnostics

/// When a client secret stops working.
struct Expiry {
    /// `nil`: never.
    var moment: Timestamp?
}

extension Wanted where Result == Expiry {
    static var expiry: Wanted {
        let instant = Wanted<Timestamp>.instant
        return Wanted(words: instant.words + ", or never") { scalar in
            scalar.text == "never" ? Expiry(moment: nil) : instant.read(scalar).map { Expiry(moment: $0) }
        }
    }
}
