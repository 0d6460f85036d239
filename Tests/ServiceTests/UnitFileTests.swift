import Glibc
import TestSupport
import Testing

@Suite("The unit file")
struct UnitFileTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let directory: TemporaryDirectory
    let unit: String

    init() throws {
        directory = try TemporaryDirectory(prefix: "pb")
        unit = try Directory.text(of: Self.root + "/systemd/postbote.service")
    }

    /// With the built program in place of the installed one.
    private func installed() throws -> String {
        let lines = unit.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix("Exec")
                ? String(line).replacing("/usr/bin/postbote", with: PostboteProgram.path) : String(line)
        }
        return try directory.file("postbote.service", lines.joined(separator: "\n"))
    }

    @Test("is understood by systemd without a complaint")
    func verify() async throws {
        let finished = try await ChildProcess.run(
            "systemd-analyze", ["verify", "--recursive-errors=no", "--man=no", try installed()])
        #expect(finished.status.isSuccess)
        #expect(finished.errors.isEmpty, "\(finished.errors)")
    }

    @Test("leaves the service with hardly more than it needs")
    func security() async throws {
        let finished = try await ChildProcess.run(
            "systemd-analyze", ["security", "--offline=true", "--no-pager", "--threshold=15", try installed()])
        #expect(finished.status.isSuccess, "\(finished.text)")
    }

    @Test(
        "keeps what its commands and tests rely on",
        arguments: [
            "Type=notify", "ExecReload=/usr/bin/postbote reload", "StateDirectory=postbote",
            "RuntimeDirectory=postbote",
            "RuntimeDirectoryMode=0755", "User=postbote", "Group=postbote", "PrivateUsers=no", "UMask=0077",
        ])
    func settings(line: String) { #expect(unit.split(separator: "\n").contains(Substring(line))) }

    @Test("explains every switch, or stands below a comment that does")
    func comments() {
        var isExplained = false
        for line in unit.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty { isExplained = false }
            if line.hasPrefix("#") { isExplained = true }
            if line.hasPrefix("Protect") || line.hasPrefix("Restrict") || line.hasPrefix("SystemCall") {
                #expect(isExplained, "\(line)")
            }
        }
    }
}
