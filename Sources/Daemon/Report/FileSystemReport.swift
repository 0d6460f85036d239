import Diagnostics
import Dispatch
import MailModel
import Operations

#if canImport(Glibc)
    import Glibc
#endif

extension SupportReport.FileSystemReport {
    /// Of the state and of each destination on this machine. One that hangs, as those of a network do, keeps nobody waiting
    /// for long.
    static func all(of settings: Settings, clock: any WallClock) async -> [Self] {
        var places = [(of: "state", path: settings.stateDirectory)]
        for destination in settings.destinations.values.sorted(by: { $0.name < $1.name }) {
            guard case .maildir(let maildir) = destination.kind, places.count < Limits.reportedLines else { continue }
            places.append((of: "destination \(destination.name)", path: fixedPart(of: maildir.path)))
        }
        return await withTaskGroup { group in
            for (index, place) in places.enumerated() {
                group.addTask { (index, await look(at: place.path, of: place.of, clock: clock)) }
            }
            var all: [(Int, Self)] = []
            for await found in group { all.append(found) }
            return all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// The directory above the first placeholder: the rest is another one for each account.
    static func fixedPart(of path: String) -> String {
        guard let brace = path.firstIndex(of: "{") else { return path }
        let slash = path[..<brace].lastIndex(of: "/") ?? path.startIndex
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private actor Finding {
        private(set) var report: SupportReport.FileSystemReport?
        func take(_ report: SupportReport.FileSystemReport) { self.report = report }
    }

    private static func look(at path: String, of name: String, clock: any WallClock) async -> Self {
        let finding = Finding()
        await clock.wait(atMost: Limits.reportPatience) {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                DispatchQueue(label: "postbote.report.disk").async {
                    let report = present(at: path, of: name)
                    Task {
                        await finding.take(report)
                        continuation.resume()
                    }
                }
            }
        }
        return await finding.report
            ?? Self(
                of: name, path: path,
                problem: "it did not answer within \(Limits.reportPatience.components.seconds) s")
    }

    /// Blocks on the file system. What does not exist yet is made in its nearest ancestor.
    private static func present(at path: String, of name: String) -> Self {
        var existing = path
        var resolved = realpath(existing, nil)
        while resolved == nil, errno == ENOENT, let slash = existing.lastIndex(of: "/") {
            existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
            resolved = realpath(existing, nil)
        }
        guard let resolved else { return Self(of: name, path: path, problem: String(cString: strerror(errno))) }
        defer { free(resolved) }
        var status = statvfs()
        guard statvfs(resolved, &status) == 0 else {
            return Self(of: name, path: path, problem: String(cString: strerror(errno)))
        }
        let table = SystemFile.text(of: "/proc/self/mountinfo").map(MountTable.init)
        let block = Int64(status.f_frsize)
        return Self(
            of: name, path: path, type: table?.type(of: String(cString: resolved)),
            octets: Int64(clamping: status.f_blocks).multipliedReportingOverflow(by: block).partialValue,
            available: Int64(clamping: status.f_bavail).multipliedReportingOverflow(by: block).partialValue)
    }
}
