import TestSupport
import Testing

@Suite("A reload") struct ReloadServiceTests {
    @Test(
        "takes a configuration into force as a whole or not at all, and the next one finds nothing half done",
        .enabled(if: SmallDisk.isPossible))
    func allOrNothing() async throws {
        let service = try await ServiceUnderTest.start()
        let disk = try SmallDisk(size: 8 << 20)
        try service.configure(extra: "state_directory: \(disk.path)/state")
        let daemon = try await service.serve()
        // A new account must be written down before it can be started.
        try disk.fill()
        let next = """
              bob: {address: bob@example.test, provider: test, receive: {}, send: {}}
            state_directory: \(disk.path)/state
            log_level: debug
            """
        try service.configure(extra: next)
        let refused = try await service.run("reload")
        #expect(!refused.status.isSuccess)
        #expect(refused.errors.contains("full"), "\(refused.errors)")
        try await daemon.errors.line(containing: "EVENT=reload_refused")
        // Nothing of it is in force.
        #expect(try await service.run("status", "bob").status == .exited(66))
        #expect(try await service.run("status", "anna").status != .exited(66))
        // What was in the way is mended: all of it is in force, as if nothing had been tried before.
        disk.free()
        try await daemon.errors.line { $0.contains("EVENT=daemon_state_changed") && $0.contains("NEW_STATE=ok") }
        let taken = try await service.run("reload")
        #expect(taken.status == .exited(0), "\(taken.errors)")
        #expect(taken.text.contains("bob"))
        #expect(try await service.run("status", "bob").status != .exited(66))
        try await daemon.errors.line(containing: "ACCOUNT=bob")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("and a start say whom of `access:` this machine does not know")
    func unknownNames() async throws {
        let service = try await ServiceUnderTest.start()
        try service.configure(extra: "access: {send: [postbote-nobody], token: [root]}")
        let daemon = try await service.serve()
        try await daemon.errors.line { line in
            line.contains("EVENT=configuration_warning") && line.contains("no user postbote-nobody")
        }
        try service.configure(extra: "access: {manage: ['@postbote-nobody']}")
        let taken = try await service.run("reload")
        #expect(taken.status == .exited(0))
        #expect(taken.errors.contains("no group @postbote-nobody"), "\(taken.errors)\(taken.text)")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
