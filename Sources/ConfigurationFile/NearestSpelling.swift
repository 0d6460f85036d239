/// Finds what somebody probably meant.
enum NearestSpelling {
    /// The nearest of `candidates`, if it is near enough to be meant: a third of the letters may be wrong, swapped letters
    /// count once, upper case and `-` for `_` count nothing.
    static func of(_ text: String, among candidates: some Sequence<String>) -> String? {
        let wanted = letters(text)
        guard !wanted.isEmpty, wanted.count <= Limits.spelling else { return nil }
        let allowed = max(1, min(3, wanted.count / 3))
        var nearest: (distance: Int, spelling: String)?
        for candidate in candidates {
            let given = letters(candidate)
            guard abs(given.count - wanted.count) <= allowed else { continue }
            let found = distance(wanted, given)
            guard found <= allowed, (found, candidate) < nearest.map({ ($0.distance, $0.spelling) }) ?? (.max, "")
            else {
                continue
            }
            nearest = (found, candidate)
        }
        return nearest?.spelling
    }

    private static func letters(_ text: String) -> [Unicode.Scalar] {
        text.lowercased().unicodeScalars.map { $0 == "-" ? "_" : $0 }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for i in 1...left.count {
            var row = [i] + [Int](repeating: 0, count: right.count)
            for j in 1...right.count {
                let same = left[i - 1] == right[j - 1]
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1))
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    row[j] = min(row[j], beforeLast[j - 2] + 1)
                }
            }
            (beforeLast, last) = (last, row)
        }
        return last[right.count]
    }
}
