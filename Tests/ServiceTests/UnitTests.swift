import TestSupport
import Testing

/// What an administrator does with the unit, with a real systemd, and with all of the unit's restrictions in force.
@Suite("The unit under systemd", .enabled(if: SystemdGuest.isPossible, "containers need root"))
struct UnitTests {
    private static let user = "anna@example.test"
    private static let unitFile =
        #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/systemd/postbote.service"
    private static let configuration = "/etc/postbote/postbote.yaml"

    /// A guest in which README.md was followed up to the configuration.
    private func install(_ configuration: String, _ files: [String: String] = [:]) async throws -> SystemdGuest {
        let own = ["/usr/bin/postbote": PostboteProgram.path, "/etc/systemd/system/postbote.service": Self.unitFile]
        let guest = try await SystemdGuest.start(own.merging(files) { $1 })
        try await guest.check(
            "useradd", "--system", "--home-dir", "/var/lib/postbote", "--shell", "/usr/sbin/nologin", "postbote")
        try await guest.check("install", "-d", "-m", "750", "-g", "postbote", "/etc/postbote")
        try await configure(guest, configuration)
        return guest
    }

    private func configure(_ guest: SystemdGuest, _ text: String) async throws {
        try await guest.check("/bin/sh", "-c", "cat > \(Self.configuration)", input: text)
    }

    private func properties(_ guest: SystemdGuest) async throws -> [String: String] {
        let text = try await guest.check(
            "systemctl", "show", "postbote",
            "--property=ActiveState,Result,ExecMainStatus,NRestarts,StatusText,MainPID")
        return text.split(separator: "\n").reduce(into: [:]) { found, line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            found[parts[0]] = parts[1]
        }
    }

    @Test("starts, fetches, says how it is, reloads, refuses a bad reload, comes back after a crash, and stops")
    func life() async throws {
        let options = AuthorizationOptions()
        let authorization = try await AuthorizationServer.start(options)
        var dovecotOptions = DovecotOptions(users: [.init(Self.user)])
        dovecotOptions.signer = options.signer
        let dovecot = try await DovecotServer.start(dovecotOptions)
        try dovecot.deliver(MessageCorpus().small(1)[0], to: Self.user)
        var provider = PostboteProvider(authorization: authorization, dovecot: dovecot)
        let trusted = provider.authorityFile ?? dovecot.authorityFile
        provider.authorityFile = "/etc/ssl/certs/authority-of-the-test.pem"
        let good = provider.section + "accounts: {anna: {address: \(Self.user), provider: test, receive: {}}}\n"
        let guest = try await install(good, ["/etc/ssl/certs/authority-of-the-test.pem": trusted])

        try await guest.check("systemctl", "enable", "--now", "postbote")
        #expect(
            try await properties(guest)["StatusText"] == "1 account, 1 need attention: postbote status --problems")
        let token = authorization.consent(user: Self.user)
        try await guest.check("postbote", "authorize", "anna", "--import", "-", input: token + "\n")
        try await guest.check("postbote", "fetch", "anna", "--wait")
        let mail = try await guest.check("find", "/var/lib/postbote/mail/anna/new", "-type", "f", "-user", "postbote")
        #expect(mail.split(separator: "\n").count == 1)
        let lines = try await guest.check(
            "journalctl", "--output=cat", "EVENT=message_delivered", "ACCOUNT=anna", "PRIORITY=6")
        #expect(lines.split(separator: "\n").count == 1)

        try await guest.check("systemctl", "reload", "postbote")
        try await configure(guest, good + "acounts: {}\n")
        #expect(try await guest.run("systemctl", "reload", "postbote").status == .exited(1))
        let before = try await properties(guest)
        #expect(before["ActiveState"] == "active")
        try await configure(guest, good)

        try await guest.check("systemctl", "kill", "--signal=KILL", "postbote")
        try await guest.check(
            "bash", "-c",
            "grep --max-count=1 --invert-match '\"_PID\":\"\(before["MainPID"] ?? "")\"' "
                + "< <(journalctl --follow --lines=all --output=json EVENT=ready 2>/dev/null)")
        #expect(try await properties(guest)["NRestarts"] == "1")
        try await guest.check("postbote", "fetch", "anna", "--wait")
        #expect(try await guest.check("ls", "/var/lib/postbote/mail/anna/new").split(separator: "\n").count == 1)

        try await guest.check("systemctl", "stop", "postbote")
        let stopped = try await properties(guest)
        #expect(stopped["Result"] == "success" && stopped["ExecMainStatus"] == "0")
        await guest.stop()
        await dovecot.stop()
        await authorization.stop()
    }

    @Test("is not started again while the configuration is wrong, and the journal says where it is")
    func misconfigured() async throws {
        let guest = try await install("accounts:\n  anna: {adress: anna@example.test}\n")
        #expect(try await guest.run("systemctl", "start", "postbote").status == .exited(1))
        let failed = try await properties(guest)
        #expect(failed["ActiveState"] == "failed")
        #expect(failed["Result"] == "exit-code" && failed["ExecMainStatus"] == "78" && failed["NRestarts"] == "0")
        let said = try await guest.check("journalctl", "--output=cat", "--unit=postbote", "EVENT=configuration_error")
        #expect(said.contains("\(Self.configuration):2:10"), "\(said)")
        await guest.stop()
    }
}
