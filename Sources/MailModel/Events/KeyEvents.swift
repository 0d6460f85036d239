import Diagnostics

// The master key.
extension Event {
    /// - Parameter unreadable: stored tokens that no key opens.
    public static func masterKeyRotated(file: String, unreadable: Int) -> Event {
        Event(
            .masterKeyRotated, unreadable == 0 ? .info : .warning,
            unreadable == 0
                ? "all secrets are sealed with a new master key"
                : "all secrets but some that no key opens are sealed with a new master key: authorize their accounts again",
            [EventField("FILE", file), EventField("UNREADABLE", unreadable)])
    }

    public static func masterKeyAwaitsCredential(file: String) -> Event {
        Event(
            .masterKeyAwaitsCredential, .warning,
            "the master key in use lies in FILE: store it as the credential postbote-key and restart postbote",
            [EventField("FILE", file)])
    }

    public static func masterKeyExported(user: UInt32) -> Event {
        Event(.masterKeyExported, .info, "the master key was exported", [EventField("USER", Int(user))])
    }
}
