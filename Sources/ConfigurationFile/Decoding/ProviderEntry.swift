import MailModel

/// A provider as accounts see it while they are decoded.
struct ProviderEntry {
    var provider: Provider
    var preset: Preset
    /// Where its name is written.
    var position: Position
}
