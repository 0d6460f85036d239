/// The values of one figure over several runs.
struct Series {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The ratios pair by pair, so that what slowed a round down slowed both sides.
    func divided(by other: Series) -> Series {
        var ratios = Series()
        for (one, another) in zip(values, other.values) { ratios.add(one / another) }
        return ratios
    }

    /// The median, and the range behind it.
    func text(digits: Int = 0) -> String {
        guard let low = values.min(), let high = values.max() else { return "-" }
        return "\(median.text(digits)) (\(low.text(digits)) to \(high.text(digits)))"
    }
}

extension Double {
    func text(_ digits: Int) -> String {
        guard digits > 0 else { return String(Int(rounded())) }
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = Int((magnitude * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let sign = self < 0 ? "-" : ""
        return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension Int {
    /// Of KiB.
    var inMegabytes: String { "\((Double(self) / 1024).text(1)) MB" }
}
