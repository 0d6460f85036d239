import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Delivery

@Suite("A destination that is tried") struct DestinationTrialTests {
    @Test("is made as by the first delivery, has room, and keeps nothing")
    func writes() async throws {
        let test = try await DeliveryUnderTest("a/b/mail")
        let trial = DestinationTrial(mark: "01234567", hostName: "host")
        let room = try await trial.write(to: test.destinations[0], at: Timestamp(seconds: 1))
        #expect(room.path == test.destinations[0].maildir.path && room.available > 0)
        #expect(Directory.names(in: room.path + "/postbote-staging").isEmpty)
        #expect(Directory.names(in: room.path + "/new").isEmpty)
    }

    @Test("and has no new directory on the same file system says so, and keeps nothing either")
    func cannotPublish() async throws {
        let test = try await DeliveryUnderTest("mail")
        let trial = DestinationTrial(mark: "01234567", hostName: "host")
        let path = test.destinations[0].maildir.path
        _ = try await trial.write(to: test.destinations[0], at: Timestamp(seconds: 1))
        #expect(rmdir(path + "/new") == 0 && symlink("/proc", path + "/new") == 0)
        let failure = await #expect(throws: Failure.self) {
            try await trial.write(to: test.destinations[0], at: Timestamp(seconds: 2))
        }
        #expect(failure?.reason.hasPrefix(path + "/new") == true)
        #expect(Directory.names(in: path + "/postbote-staging").isEmpty)
    }
}
