import Diagnostics
import Glibc
import MailModel
import Store
import TestSupport
import Testing

@testable import Delivery

@Suite("Importing a Maildir") struct MaildirImportTests {
    /// An account of which nothing is known, and a Maildir with three messages of ours and two of another program.
    private struct Lost {
        let test: DeliveryUnderTest
        let path: String
        /// What the ledger knew of ours.
        let rows: [LedgerRow]
        let account: AccountID

        init() async throws {
            test = try await DeliveryUnderTest()
            let pipeline = test.pipeline()
            for number in 1...3 { try await pipeline.take(DeliveryUnderTest.pieces(number)) }
            _ = try await pipeline.finish()
            rows = try await test.store.read { [stored = test.stored] in
                try $0.ledger.page(stored.id, epoch: stored.epoch)
            }
            path = test.destinations[0].maildir.path
            for number in 4...5 {
                try Directory.write(DeliveryUnderTest.octets(number), to: path + "/cur/\(number).M1P2.other:2,S")
            }
            account = try await test.store.write {
                try $0.accounts.ensure(AccountName("bob")!, at: DeliveryUnderTest.start)
            }
        }

        func run(
            folder: String? = nil, dryRun: Bool = false, known: [MaildirImport.KnownFolder] = []
        ) async throws -> MaildirImport.Outcome {
            let importer = MaildirImport(
                store: test.store, clock: test.clock, account: test.account, id: account, folders: known,
                dryRun: dryRun)
            return try await importer.run(path, folder: folder)
        }

        func learned(_ folder: String = "INBOX") async throws -> [LedgerRow] {
            try await test.store.read { [account] transaction in
                guard let folder = try transaction.folders.find(account, serverName: folder) else { return [] }
                return try transaction.ledger.page(folder.id, epoch: .imported)
            }
        }
    }

    private func folder(
        _ files: Int, learned: Int, known: Int, unreadable: Int = 0, _ directory: String = "",
        _ serverName: String = "INBOX"
    ) -> MaildirImport.Folder {
        MaildirImport.Folder(
            directory: directory, serverName: serverName, files: files, learned: learned, known: known,
            unreadable: unreadable)
    }

    @Test("writes down what the delivery had written down, keys and hashes included")
    func sameRows() async throws {
        let lost = try await Lost()
        #expect(try await lost.run().folders == [folder(5, learned: 5, known: 0)])
        let learned = try await lost.learned()
        #expect(learned.count == 5)
        for row in lost.rows {
            let same = try #require(learned.first { $0.deliveryKey == row.deliveryKey })
            #expect(same.state == .delivered)
            #expect(same.traits == row.traits)
            #expect(same.contentHash == row.contentHash && same.contentSize == row.contentSize)
        }
        #expect(Set(learned.compactMap(\.deliveryKey)).count == 5)
    }

    @Test("adds nothing when it is done again, whatever readers made of the files")
    func twice() async throws {
        let lost = try await Lost()
        _ = try await lost.run()
        // A reader has seen one of them, and moved another one into a name of its own.
        let names = Directory.names(in: lost.path + "/new")
        #expect(rename("\(lost.path)/new/\(names[0])", "\(lost.path)/cur/\(names[0]):2,S") == 0)
        #expect(rename("\(lost.path)/new/\(names[1])", "\(lost.path)/cur/12345.reader:2,RS") == 0)
        #expect(try await lost.run().folders == [folder(5, learned: 0, known: 5)])
        #expect(try await lost.learned().count == 5)
    }

    @Test("knows as many as there are files, also where they are the same")
    func multiset() async throws {
        let lost = try await Lost()
        for name in ["a", "b", "c"] {
            try Directory.write(DeliveryUnderTest.octets(4), to: lost.path + "/cur/\(name).other:2,")
        }
        #expect(try await lost.run().folders == [folder(8, learned: 8, known: 0)])
        #expect(try await lost.run().folders == [folder(8, learned: 0, known: 8)])
        try Directory.write(DeliveryUnderTest.octets(4), to: lost.path + "/new/d.other")
        #expect(try await lost.run().folders == [folder(9, learned: 1, known: 8)])
    }

    @Test("writes nothing in a dry run, and says the same")
    func dryRun() async throws {
        let lost = try await Lost()
        #expect(try await lost.run(dryRun: true).folders == [folder(5, learned: 5, known: 0)])
        #expect(try await lost.learned().isEmpty)
        #expect(try await lost.run().folders == [folder(5, learned: 5, known: 0)])
        #expect(try await lost.run(dryRun: true).folders == [folder(5, learned: 0, known: 5)])
    }

    @Test("goes into subfolders, under the names of the folders that are delivered there")
    func subfolders() async throws {
        let lost = try await Lost()
        for (name, number) in [(".Kunden.2026", 11), (".Sent", 12)] {
            try Directory.create(lost.path + "/\(name)/cur", mode: 0o700)
            try Directory.write(DeliveryUnderTest.octets(number), to: lost.path + "/\(name)/cur/\(number).x:2,S")
        }
        try Directory.create(lost.path + "/.hidden", mode: 0o700)
        let known = MaildirImport.KnownFolder(serverName: "Kunden/2026", path: FolderPath(["Kunden", "2026"]))
        #expect(
            try await lost.run(known: [known]).folders == [
                folder(5, learned: 5, known: 0), folder(1, learned: 1, known: 0, ".Kunden.2026", "Kunden/2026"),
                folder(1, learned: 1, known: 0, ".Sent", "Sent"),
            ])
        #expect(try await lost.learned("Kunden/2026").count == 1)
        #expect(try await lost.run(folder: "Archiv").folders == [folder(5, learned: 0, known: 5, "", "Archiv")])
    }

    @Test("names files that cannot be read, and goes on")
    func unreadable() async throws {
        let lost = try await Lost()
        try Directory.create(lost.path + "/cur/directory", mode: 0o700)
        #expect(symlink("/etc/passwd", lost.path + "/cur/link") == 0)
        #expect(mkfifo(lost.path + "/new/pipe", 0o600) == 0)
        let outcome = try await lost.run()
        #expect(outcome.folders == [folder(8, learned: 5, known: 0, unreadable: 3)])
        #expect(outcome.unreadable.count == 3)
        #expect(outcome.unreadable.allSatisfy { $0.reason.contains("regular file") })
    }

    @Test("of a directory that is none fails with a sentence")
    func notAMaildir() async throws {
        let lost = try await Lost()
        let importer = MaildirImport(
            store: lost.test.store, clock: lost.test.clock, account: lost.test.account, id: lost.account, folders: [])
        for (path, words) in [("/nowhere/mail", "Check the path"), (lost.path + "/cur", "neither `cur` nor `new`")] {
            let failure = await #expect(throws: Failure.self) { try await importer.run(path) }
            #expect(failure?.reason.contains(words) == true)
        }
    }

    @Test("meets a file once that a reader moves under the scan, and follows one that it has not read yet")
    func movedUnderway() throws {
        let directory = try TemporaryDirectory(prefix: "scan")
        for name in ["new", "cur"] { try Directory.create(directory(name), mode: 0o700) }
        for number in 1...50 { try Directory.write([65], to: directory("new/\(number).x")) }
        let scan = MaildirScan(directory.path)
        var read: [String] = []
        var passes = 0
        var vanished = true
        while vanished {
            vanished = false
            passes += 1
            scan.begin()
            while let file = try scan.next() {
                // Every second one is moved after it was read, every third one before.
                let number = Int(file.name.dropLast(2)) ?? 0
                let seen = directory("cur/\(file.name):2,S")
                if passes == 1, file.path.contains("/new/"), number % 3 == 0 { rename(file.path, seen) }
                guard try DeliveredFile.read(file) != nil else {
                    vanished = true
                    continue
                }
                read.append(String(file.name))
                scan.note(file)
                if number % 2 == 0 { rename(file.path, seen) }
            }
        }
        #expect(read.sorted() == (1...50).map { "\($0).x" }.sorted())
    }

    @Test(
        "takes the delivery key from our own names alone",
        arguments: [
            ("1800000000.K000102030405060708090a0b0c0d0e0f.host", true),
            ("1800000000.K000102030405060708090a0b0c0d0e0f.Rffffffffffffffffffffffffffffffff.host.name", true),
            ("1800000000.M1P2.host", false), ("1800000000.K0001.host", false), ("x", false), ("", false),
        ])
    func keys(name: String, isOurs: Bool) {
        #expect((MaildirScan.deliveryKey(in: name[...]) != nil) == isOurs)
    }
}
