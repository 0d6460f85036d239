extension Wanted where Result == Duration {
    /// A whole number with its unit: `30s`, `5m`, `12h`, `90d`.
    static func duration(atLeast least: Duration = .zero) -> Wanted {
        let words = "a duration such as 30s, 5m, 12h or 90d"
        return Wanted(words: least > .seconds(1) ? words + " (at least \(least.components.seconds)s)" : words) {
            scalar in
            guard let unit = scalar.text.unicodeScalars.last, let seconds = secondsPerUnit[unit],
                let number = Int(digits: String(scalar.text.unicodeScalars.dropLast()))
            else { return nil }
            let (total, overflows) = number.multipliedReportingOverflow(by: seconds)
            let duration = Duration.seconds(total)
            return overflows || total > longest || duration < least ? nil : duration
        }
    }

    private static var secondsPerUnit: [Unicode.Scalar: Int] { ["s": 1, "m": 60, "h": 3600, "d": 86400] }
    /// A hundred years, in seconds: no clock arithmetic overflows.
    private static var longest: Int { 36525 * 86400 }
}
