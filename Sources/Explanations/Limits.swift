/// The bounds of explaining.
enum Limits {
    /// Of a text that is searched, in bytes; what follows is not looked at.
    static let text = 64 << 10
    /// Explanations of one text.
    static let found = 5
    /// Keys that are named when a text is not known.
    static let nearest = 5
    /// Digits that an unknown number must share with a known one to be near it.
    static let sharedDigits = 3
}
