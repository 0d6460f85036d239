import ConfigurationFile

/// What systemd knows of the service, asked through its own programs.
struct SystemdReport {
    static let unit = "postbote.service"
    private static let properties = [
        "LoadState", "ActiveState", "SubState", "Result", "UnitFileState", "FragmentPath", "DropInPaths", "NRestarts",
        "ExecMainStatus", "ExecMainStartTimestamp", "ActiveEnterTimestamp", "MemoryCurrent", "MemoryPeak",
        "TasksCurrent",
        "LimitNOFILE", "LimitCORE", "WatchdogUSec", "User", "Group",
    ]
    /// Entries of the journal, the latest ones.
    private static let entries = 200
    private static let timeout = Duration.seconds(20)
    private static let octets = 4 << 20

    /// Lines to show.
    var lines: [String]

    /// The state of its unit.
    static func unit() async -> SystemdReport {
        let show = ["systemctl", "show", unit, "--no-pager", "--property=\(properties.joined(separator: ","))"]
        return await run(show) { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// The latest warnings and worse.
    static func journal() async -> SystemdReport {
        let read = [
            "journalctl", "--unit=\(unit)", "--priority=warning", "--lines=\(entries)", "--output=json", "--no-pager",
            "--quiet",
        ]
        return await run(read) { bytes in
            bytes.split(separator: UInt8(ascii: "\n")).compactMap { JournalWarning(Array($0))?.line }
        }
    }

    private static func run(_ words: [String], _ lines: @escaping @Sendable ([UInt8]) -> [String]) async
        -> SystemdReport
    {
        var environment = Environment.variables
        environment["LC_ALL"] = "C"
        let command = BoundedCommand(words: words, environment: environment, timeout: timeout, limit: octets)
        return await Task.detached {
            do throws(BoundedCommand.Trouble) {
                let found = lines(try command.output())
                return SystemdReport(lines: found.isEmpty ? ["none"] : found)
            } catch {
                return SystemdReport(lines: ["not known: \(words[0]) \(error.words)"])
            }
        }.value
    }
}

extension BoundedCommand.Trouble {
    fileprivate var words: String {
        switch self {
        case .cannotRun(let reason), .refused(let reason): "cannot be run: \(reason)"
        case .tooLong: "took too long"
        case .tooMuch: "said too much"
        case .killed(let signal): "was ended by signal \(signal)"
        case .exited(let code): "exited with \(code)"
        }
    }
}
