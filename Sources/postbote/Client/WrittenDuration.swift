/// A duration as the configuration writes it: `30s`, `5m`, `48h`, `7d`.
struct WrittenDuration {
    let seconds: Int

    /// `nil` for what is no duration.
    init?(_ text: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()), number >= 0,
            text.dropLast().allSatisfy({ $0.isASCII && $0.isNumber })
        else { return nil }
        let (seconds, overflows) = number.multipliedReportingOverflow(by: unit)
        guard !overflows else { return nil }
        self.seconds = seconds
    }
}
