import TestSupport
import Testing

@Suite("The service's master key") struct KeyServiceTests {
    private func keys(of service: ServiceUnderTest) -> [String] {
        Directory.names(in: service.directory("state")).filter { $0.hasPrefix("postbote.key") }.sorted()
    }

    @Test("is replaced while it works, is printed for root, and nobody has to sign in again")
    func rotated() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        try await service.consent()
        let former = try await service.run("key", "export").text
        #expect(former == (try Directory.text(of: service.directory("state/postbote.key"))))
        let token = try await service.run("token", "anna").text
        let rotation = try await service.run("key", "rotate")
        #expect(rotation.status == .exited(0))
        #expect(rotation.text.contains("state/postbote.key.\n"))
        try await daemon.errors.line(containing: "EVENT=master_key_rotated")
        let present = try await service.run("key", "export").text
        #expect(present != former && present.count == 65)
        #expect(keys(of: service) == ["postbote.key"])
        #expect(try await service.run("token", "anna").text == token)
        #expect(try await service.run("token", "anna", "--refresh").status == .exited(0))
        await daemon.stop()
        for secret in [former, present] { #expect(!daemon.errors.text.contains(secret.prefix(12))) }

        let again = try await service.serve()
        #expect(try await service.run("key", "export").text == present)
        #expect(try await service.run("token", "anna").status == .exited(0))
        await again.stop()
        await service.stop()
    }

    @Test("is named as what keeps the service from starting where it is not the right one")
    func wrong() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        await daemon.stop()
        try service.directory.file(
            "state/postbote.key", String(repeating: "0f", count: 32) + "\n", mode: 0o600)
        let refused = try service.begin(["serve"])
        #expect(try await refused.exit() == .exited(78))
        #expect(refused.errors.text.contains("Put the right key back"))
        await service.stop()
    }
}
