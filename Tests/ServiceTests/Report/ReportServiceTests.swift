import Glibc
import TestSupport
import Testing

@Suite("postbote report") struct ReportServiceTests {
    @Test("tells how the service is set up and fares, and nothing of a message")
    func whole() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        try await service.consent()
        try service.dovecot.deliver(
            Array(
                "From: a@b.example\r\nSubject: planted-subject\r\nMessage-ID: <planted-id@b.example>\r\n\r\nx".utf8),
            to: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let message = "From: \(ServiceUnderTest.user)\nTo: a@b.example\nSubject: planted-subject\n\nx\n"
        #expect(try await service.run("send", input: message).status == .exited(0))
        let file = service.directory("report.txt")
        let finished = try await service.run("report", "--output", file)
        #expect(finished.status == .exited(0), "\(finished.errors)")
        let text = try Directory.text(of: file)
        for part in [
            "== Daemon\nstate         ok\n", "integrity: ok", "schema 6", "== Account anna\n",
            "Configuration in force",
            "receive ok: 1", "libcurl", "SQLite", "address: \(ServiceUnderTest.user)", "state: ", " free of ",
            "== Credentials\nPROVIDER", "INBOX", "UIDVALIDITY", "== Unit postbote.service\n",
        ] { #expect(text.contains(part), "\(part) is not in \(text)") }
        for part in ["planted-subject", "planted-id", "delivery_key"] { #expect(!text.contains(part)) }
        var information = stat()
        #expect(stat(file, &information) == 0 && information.st_mode & 0o777 == 0o600)
        // What is there already is not written over.
        let again = try await service.run("report", "--output", file)
        #expect(again.status == .exited(73) && again.errors.contains("name a new file"))
        let anonymous = try await service.run("report", "--anonymous")
        #expect(anonymous.status == .exited(0))
        #expect(anonymous.text.contains("== Account n"))
        for part in ["anna", "example.test"] { #expect(!anonymous.text.contains(part), "\(anonymous.text)") }
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("says that the daemon is not reachable, and has what can be had without it; exit code 69")
    func unreachable() async throws {
        let service = try await ServiceUnderTest.start()
        let finished = try await service.run("report")
        #expect(finished.status == .exited(69))
        #expect(finished.errors.contains("not reachable"))
        for part in [
            "not reachable: the daemon is not reachable at ", "Configuration in the files", "libcurl",
            "== File systems\nstate: ",
        ] { #expect(finished.text.contains(part), "\(finished.text)") }
        // A configuration with errors is one more reason to ask.
        try service.directory.file("postbote.yaml", "pol_interval: 5m\n", mode: 0o600)
        let broken = try await service.run("report")
        #expect(broken.status == .exited(69))
        #expect(broken.text.contains("postbote.yaml:1:1: "), "\(broken.text)")
        await service.stop()
    }
}
