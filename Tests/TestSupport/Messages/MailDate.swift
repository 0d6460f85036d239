import Diagnostics

/// Dates as header fields have them (RFC 5322 §3.3).
public enum MailDate {
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// In UTC: `Thu, 01 Jan 2026 00:07:00 +0000`. For moments since 1970.
    public static func text(of moment: Timestamp) -> String {
        // RFC 3339 has all but the names: 2026-01-01T00:07:00Z.
        let text = moment.description
        let parts = text.dropLast().split { $0 == "-" || $0 == "T" }
        let month = months[(Int(parts[1]) ?? 1) - 1]
        let weekday = weekdays[Int(moment.seconds / 86400) % 7]
        return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(parts[3]) +0000"
    }
}
