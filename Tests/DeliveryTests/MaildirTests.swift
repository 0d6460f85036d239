import Diagnostics
import Glibc
import MailModel
import TestSupport
import Testing

@testable import Delivery

@Suite("A Maildir") struct MaildirTests {
    @Test(
        "gets files with their mode, and directories that whoever reads the files can search",
        arguments: [(0o600, 0o700), (0o640, 0o750), (0o644, 0o755), (0o660, 0o770), (0o666, 0o777)]
            as [(UInt32, UInt32)])
    func modes(file: UInt32, directory: UInt32) async throws {
        let test = try await DeliveryUnderTest("a/b/mail", mode: file)
        let message = try test.stage(1)
        #expect(try FileFacts(message.destinations[0].stagedName).mode == file, "whatever the umask is")
        #expect(try Maildir.publish(message.destinations[0].stagedName))
        let path = test.destinations[0].maildir.path
        for name in ["", "/cur", "/new", "/tmp"] { #expect(try FileFacts(path + name).mode == directory) }
        #expect(try FileFacts(path + "/postbote-staging").mode == 0o700)
        #expect(try FileFacts(path + "/new/" + (try #require(test.published().first))).mode == file)
    }

    @Test(
        "belongs to the group that was asked for", .enabled(if: SmallDisk.isPossible), arguments: ["12345", "mail"])
    func group(name: String) async throws {
        let test = try await DeliveryUnderTest(mode: 0o660, group: name)
        let expected = UInt32(name) ?? getgrnam(name).pointee.gr_gid
        let message = try test.stage(1)
        #expect(try FileFacts(message.destinations[0].stagedName).group == expected)
        for path in ["", "/cur", "/new", "/tmp"] {
            #expect(try FileFacts(test.destinations[0].maildir.path + path).group == expected)
        }
    }

    @Test("whose group does not exist is misconfigured, and the failure names it")
    func unknownGroup() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await DeliveryUnderTest(group: "no-such-group-here")
        }
        #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(failure?.reason.contains("no-such-group-here") == true)
    }

    @Test(
        "has its staging on the same file system, also where it is a mount of its own",
        .enabled(if: SmallDisk.isPossible))
    func sameFileSystem() async throws {
        let disk = try SmallDisk(size: 1 << 20)
        let test = try await DeliveryUnderTest(disk.path)
        let message = try test.stage(1)
        let staged = try FileFacts(message.destinations[0].stagedName)
        #expect(try staged.device == FileFacts(disk.path + "/new").device)
        #expect(try staged.device != FileFacts(test.directory.path).device)
        #expect(try Maildir.publish(message.destinations[0].stagedName))
        #expect(try FileFacts(disk.path + "/new/" + (try #require(test.published().first))).inode == staged.inode)
    }

    @Test("that is a subfolder of another carries the mark of one")
    func subfolder() async throws {
        let test = try await DeliveryUnderTest()
        let destination = try MaildirDestination(
            test.destinations[0].name, settings: MaildirSettings(path: test.directory("mail")), account: test.account,
            folder: FolderPath(["Kunden", "2026"]))
        try destination.maildir.prepare()
        #expect(Directory.names(in: test.directory("mail")) == [".Kunden.2026"])
        #expect(
            Directory.names(in: test.directory("mail/.Kunden.2026")) == [
                "cur", "maildirfolder", "new", "postbote-staging", "tmp",
            ])
        // Again changes nothing.
        try destination.maildir.prepare()
    }

    @Test("publishes a staged file once")
    func publishedOnce() async throws {
        let test = try await DeliveryUnderTest()
        let path = try test.stage(1).destinations[0].stagedName
        #expect(try Maildir.publish(path))
        #expect(try !Maildir.publish(path))
        #expect(test.published().count == 1)
    }

    @Test("never writes over a staged file")
    func exclusive() async throws {
        let test = try await DeliveryUnderTest()
        let maildir = test.destinations[0].maildir
        try maildir.prepare()
        try maildir.stage("name").finish()
        #expect(throws: Failure.self) { try maildir.stage("name") }
    }

    @Test("whose path leads through a file is misconfigured")
    func fileInTheWay() async throws {
        let test = try await DeliveryUnderTest("file/mail")
        try test.directory.file("file", "")
        let failure = #expect(throws: Failure.self) { try test.destinations[0].maildir.prepare() }
        #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(failure?.place["path"] != nil)
    }
}
