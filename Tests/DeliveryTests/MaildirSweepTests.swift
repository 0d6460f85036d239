import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Delivery

@Suite("Sweeping staging") struct MaildirSweepTests {
    /// A crash and the start after it may be a few milliseconds apart.
    @Test(
        "Files from before the process began go, however shortly before; younger, owed and other daemons' ones stay",
        arguments: [
            (-86_400_000, false, "0a1b2c3d", true), (-5, false, "0a1b2c3d", true), (-5, true, "0a1b2c3d", false),
            (5, false, "0a1b2c3d", false), (-86_400_000, false, "0a1b2c3e", false), (-86_400_000, false, "", false),
        ])
    func sweep(written milliseconds: Int64, isOwed: Bool, mark: String, isRemoved: Bool) throws {
        let directory = try TemporaryDirectory(prefix: "sweep")
        let maildir = Maildir(path: directory("mail"), mode: 0o600, group: nil, isSubfolder: false)
        try maildir.prepare()
        let file = maildir.staging + "/1.Kx.S\(mark).test"
        try Directory.write("half a message", to: file)
        let start = Timestamp(milliseconds: 1_700_000_000_500)
        let written = start.milliseconds + milliseconds
        let time = timespec(tv_sec: Int(written / 1000), tv_nsec: Int(written % 1000) * 1_000_000)
        #expect(utimensat(AT_FDCWD, file, [time, time], 0) == 0)
        let removed = maildir.sweep("0a1b2c3d", owed: isOwed ? [file] : [], olderThan: start)
        #expect(removed == (isRemoved ? 1 : 0))
        #expect((access(file, F_OK) != 0) == isRemoved)
    }
}
