import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Delivery

@Suite("Sweeping staging") struct MaildirSweepTests {
    /// A crash and the start after it may be a few milliseconds apart.
    @Test(
        "Files from before the process began go, however shortly before; younger and owed ones stay",
        arguments: [(-86_400_000, false, true), (-5, false, true), (-5, true, false), (5, false, false)])
    func sweep(written milliseconds: Int64, isOwed: Bool, isRemoved: Bool) throws {
        let directory = try TemporaryDirectory(prefix: "sweep")
        let maildir = Maildir(path: directory("mail"), mode: 0o600, group: nil, isSubfolder: false)
        try maildir.prepare()
        let file = maildir.staging + "/1.Kx.test"
        try Directory.write("half a message", to: file)
        let start = Timestamp(milliseconds: 1_700_000_000_500)
        let written = start.milliseconds + milliseconds
        let time = timespec(tv_sec: Int(written / 1000), tv_nsec: Int(written % 1000) * 1_000_000)
        #expect(utimensat(AT_FDCWD, file, [time, time], 0) == 0)
        let removed = maildir.sweep(owed: isOwed ? [file] : [], olderThan: start)
        #expect(removed == (isRemoved ? 1 : 0))
        #expect((access(file, F_OK) != 0) == isRemoved)
    }
}
