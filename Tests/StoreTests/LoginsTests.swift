import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Names that submission servers take")
struct LoginsTests {
    @Test("One for an account, the last one found, which goes with the account")
    func lastOne() async throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let id = try await store.write { try $0.accounts.ensure(.support, at: .epoch) }
        #expect(try await store.read { try $0.logins.find(id) } == nil)
        let first = FoundLogin(asked: "contoso", login: "support@contoso.de", found: .epoch)
        var second = first
        second.login = "anna@contoso.de"
        for login in [first, second] {
            try await store.write { try $0.logins.store(login, of: id) }
            #expect(try await store.read { try $0.logins.find(id) } == login)
        }
        try await store.write { try $0.logins.forget(id) }
        #expect(try await store.read { try $0.logins.find(id) } == nil)
        try await store.write { [first] in try $0.logins.store(first, of: id) }
        #expect(try await store.write { try $0.accounts.forget(id) })
        #expect(try await store.read { try $0.logins.find(id) } == nil)
    }
}
