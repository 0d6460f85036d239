import Diagnostics

/// Moments, times and sizes as people read them.
struct Wording {
    let now: Timestamp

    /// `in 5 min`, `2 h ago`, `now`.
    func relative(_ moment: Timestamp?) -> String? {
        guard let moment else { return nil }
        let seconds = (moment - now).inMilliseconds / 1000
        if abs(seconds) < 1 { return "now" }
        let length = Wording.length(seconds: abs(seconds))
        return seconds > 0 ? "in \(length)" : "\(length) ago"
    }

    /// How long something has lasted.
    func age(of moment: Timestamp) -> String { Wording.length(seconds: max(0, (now - moment).inMilliseconds / 1000)) }

    static func length(seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86400) d"
        }
    }

    /// To the tenth below ten, `nil` for `nil`.
    static func seconds(_ seconds: Double?) -> String? {
        guard let seconds else { return nil }
        guard seconds < 10 else { return "\(Int(seconds.rounded())) s" }
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// To the tenth below ten.
    static func rate(_ rate: Double) -> String {
        guard rate < 10 else { return "\(Int(rate.rounded()))" }
        let tenths = Int((rate * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    static func size(_ octets: Int64) -> String {
        let units = ["kB", "MB", "GB", "TB"]
        guard octets >= 1000 else { return "\(octets) B" }
        var value = Double(octets) / 1000
        var unit = 0
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return tenths < 100
            ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(Int(value.rounded())) \(units[unit])"
    }
}
