import ConfigurationFile
import MailModel
import Testing

@Suite("config/postbote.yaml")
struct SampleTests {
    private let text: String

    init() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        text = try #require(TemporaryDirectory.read("/\(root)/config/postbote.yaml"))
    }

    /// With every setting that is commented out in force: `#` directly before a key.
    private var uncommented: String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            guard let mark = line.firstIndex(where: { $0 != " " }), line[mark] == "#" else { return String(line) }
            let after = line[line.index(after: mark)...]
            guard let first = after.first, first != " ", first != "#" else { return String(line) }
            return String(line[..<mark] + after)
        }.joined(separator: "\n")
    }

    @Test("is right as it is installed, without a warning")
    func installed() throws {
        let loaded = try Fixture.load(text)
        #expect(loaded.warnings.map(\.description) == [])
        let account = try #require(loaded.settings.accounts[AccountName("support")!])
        #expect(account.receive != nil)
        #expect(account.send != nil)
    }

    @Test("is right with every setting in force")
    func complete() throws {
        #expect(Fixture.errors(uncommented) == [])
        let settings = try Fixture.settings(uncommented)
        #expect(settings.providers.count == 9)
        #expect(settings.destinations.count == 5)
        #expect(settings.accounts.count == 2)
    }

    @Test("shows the defaults where it says nothing else")
    func defaults() throws {
        let installed = try Fixture.settings(text)
        let complete = try Fixture.settings(uncommented)
        #expect(complete.stateDirectory == installed.stateDirectory)
        #expect(complete.controlSocket == installed.controlSocket)
        #expect(complete.logLevel == installed.logLevel)
        #expect(complete.retention == installed.retention)
        let support = AccountName("support")!
        var receive = try #require(complete.accounts[support]?.receive)
        let bare = try #require(installed.accounts[support]?.receive)
        #expect(receive.pollInterval == bare.pollInterval)
        #expect(receive.afterFetchGrace == bare.afterFetchGrace)
        #expect(receive.deliverTo == bare.deliverTo)
        #expect(receive.idle == bare.idle)
        receive.signIn = bare.signIn
        var send = try #require(complete.accounts[support]?.send)
        send.signIn = try #require(installed.accounts[support]?.send?.signIn)
        #expect(send == installed.accounts[support]?.send)
    }

    @Test("shows every key of the schema")
    func keys() {
        let lines = WholeSchema.text.split(separator: "\n").map { $0.drop { " -".contains($0) } }
        let keys = lines.compactMap { line in line.firstIndex(of: ":").map { String(line[..<$0]) } }
        for key in Set(keys).subtracting(WholeSchema.names).union(["move", "file", "env", "credential", "command"]) {
            #expect(text.contains("\(key):"), "\(key)")
        }
    }

    @Test("stays within 120 columns and has no tabs")
    func shape() {
        for line in text.split(separator: "\n") { #expect(line.count <= 120 && !line.contains("\t"), "\(line)") }
    }
}
