extension Wanted where Result == Int64 {
    /// Octets with their unit: `50MB`. A KB is 1,024 octets and so on, as Dovecot and the mail providers count theirs.
    static var size: Wanted {
        Wanted(words: "a size such as 500KB, 50MB or 2GB") { scalar in
            for (unit, shift) in [("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40)] where scalar.text.hasSuffix(unit) {
                guard let number = Int(digits: String(scalar.text.dropLast(2))), number > 0, number < 1 << 20 else {
                    return nil
                }
                return Int64(number) << shift
            }
            return nil
        }
    }
}
