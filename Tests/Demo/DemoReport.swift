/// What came of the demo.
struct DemoReport: CustomStringConvertible {
    struct Fetched {
        var account: String
        var protocolName: String
        /// Messages the server has.
        var expected: Int
        /// Files in the Maildir.
        var delivered: Int
        /// Of these, messages of the server, byte for byte, each once.
        var same: Int

        var isComplete: Bool { expected > 0 && delivered == expected && same == expected }
    }

    struct Sent {
        var expected = 0
        var accepted = 0
        var found = 0

        var isComplete: Bool { expected > 0 && accepted == expected && found == expected }
    }

    var fetched: [Fetched] = []
    var sent = Sent()
    var refreshes = 0
    var elapsed = Duration.zero
    /// KiB.
    var peakMemory = 0
    var mailDirectory = ""

    var isComplete: Bool {
        fetched.count == 3 && fetched.allSatisfy(\.isComplete) && sent.isComplete && refreshes >= 2 * fetched.count
    }

    var description: String {
        var rows = fetched.map { box in
            ("fetched \(box.account) (\(box.protocolName))", "\(box.same)/\(box.expected) byte for byte")
        }
        rows += [
            ("sent", "\(sent.found)/\(sent.expected)"), ("token refreshes", "\(refreshes)"),
            ("time", "\(elapsed.components.seconds) s"), ("peak memory", "\(peakMemory / 1024) MB"),
            ("mail", "\(mailDirectory) (removed now)"), ("result", isComplete ? "all of it is true" : "FAILED"),
        ]
        let width = rows.map(\.0.count).max() ?? 0
        let lines = rows.map { name, value in
            "  " + name + String(repeating: " ", count: width - name.count + 2) + value
        }
        return (["", "Postbote demo"] + lines).joined(separator: "\n")
    }
}
