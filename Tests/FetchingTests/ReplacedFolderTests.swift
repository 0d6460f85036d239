import MailModel
import TestSupport
import Testing

@testable import Fetching

@Suite("A folder whose name another one took") struct ReplacedFolderTests {
    /// Each folder's mail is wanted, so that what is not known for the same folder would come again.
    private func fetched() async throws -> FetchUnderTest {
        let test = try await FetchUnderTest { $0.foldersOverlap = .each }
        test.server.change("Kunden") { $0.append(messages(1...20)) }
        try await test.visit("Kunden")
        return test
    }

    @Test(
        "is the same folder under its new name, whichever is visited first",
        arguments: [["Kunden", "Kunden 2025"], ["Kunden 2025", "Kunden"]])
    func replaced(order: [String]) async throws {
        let test = try await fetched()
        let id = try await test.folder("Kunden").id
        test.server.state.update { state in
            state.folders["Kunden 2025"] = state.folders["Kunden"]
            state.folders["Kunden"] = MemoryServer.Folder(uidValidity: 9)
        }
        test.server.change("Kunden") { $0.append(messages(31...33)) }
        test.server.change("Kunden 2025") { $0.append(messages([21])) }
        for name in order { #expect(try await test.visit(name).delivered == (name == "Kunden" ? 3 : 1)) }
        #expect(try await test.folder("Kunden 2025").id == id)
        #expect(test.recorder.events(.folderRenamed).count == 1)
        #expect(test.recorder.events(.folderMoved).isEmpty)
        // And that is how it stays.
        for name in order { #expect(try await test.visit(name).delivered == 0) }
        #expect(test.recorder.events(.folderRenamed).count == 1)
    }

    @Test("is not taken for a copy of it, while it is there itself")
    func copied() async throws {
        let test = try await fetched()
        test.server.state.update { $0.folders["Kopie"] = $0.folders["Kunden"] }
        #expect(try await test.visit("Kopie").delivered == 20)
        #expect(try await test.visit("Kunden").delivered == 0)
        #expect(test.recorder.events(.folderRenamed).isEmpty)
    }

    @Test("is not taken for one that only has the same UIDVALIDITY", arguments: [true, false])
    func sameUIDValidity(isReplaced: Bool) async throws {
        let test = try await fetched()
        test.server.change("Andere") { $0.append(messages(41...43)) }
        if isReplaced { test.server.change("Kunden") { $0.renumber(9, messages(1...21)) } }
        #expect(try await test.visit("Andere").delivered == 3)
        #expect(try await test.visit("Kunden").delivered == (isReplaced ? 1 : 0))
        #expect(test.recorder.events(.folderRenamed).isEmpty)
        #expect(test.recorder.events(.folderMoved).count == (isReplaced ? 1 : 0))
    }

    @Test("is not looked for when its messages only have other UIDs and nothing unknown is there")
    func cost() async throws {
        let test = try await fetched()
        test.server.change("Kunden") { $0.renumber(9, messages(1...20)) }
        test.server.change("INBOX") { $0.append(messages([50])) }
        try await test.visit("INBOX")
        test.server.forgetRequests()
        try await test.visit("Kunden")
        #expect(test.server.requests.filter { $0.kind == "select" } == [.select("Kunden")])
    }

    @Test("is not opened, nor left, for others that say by themselves that they are not it", arguments: [true, nil])
    func otherFolders(tells: Bool?) async throws {
        let test = try await fetched()
        test.server.change("Kunden") { $0.renumber(9, messages(1...20)) }
        test.server.change { $0.uidValidity = 11 }
        test.server.change("Andere") {
            $0.uidValidity = 12
            $0.tellsIdentity = tells
        }
        test.server.forgetRequests()
        #expect(try await test.visit("Kunden").delivered == 0)
        #expect(test.server.requests.filter { $0.kind == "select" } == [.select("Kunden")])
        #expect(test.server.requests.contains(.identity("Andere")))
        #expect(test.recorder.events(.folderMoved).count == 1)
    }

    @Test("is found on a server that says nothing of folders that are not open")
    func untold() async throws {
        let test = try await fetched()
        let id = try await test.folder("Kunden").id
        test.server.state.update { state in
            state.folders["Kunden 2025"] = state.folders["Kunden"]
            state.folders["Kunden 2025"]?.tellsIdentity = false
            state.folders["Kunden"] = MemoryServer.Folder(uidValidity: 9)
        }
        #expect(try await test.visit("Kunden").delivered == 0)
        #expect(try await test.folder("Kunden 2025").id == id)
    }
}
