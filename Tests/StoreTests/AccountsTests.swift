import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Accounts and folders")
struct AccountsTests {
    @Test("A renamed account keeps its number, and a name that exists is never taken over")
    func renamed() async throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let info = try await store.write { try $0.accounts.ensure(.info, at: .epoch) }
        let renamed = try await store.write { try $0.accounts.ensure(.support, previously: [.info], at: .epoch) }
        #expect(renamed == info)
        let fresh = try await store.write { try $0.accounts.ensure(.info, at: .epoch) }
        #expect(fresh != info)
        let again = try await store.write { try $0.accounts.ensure(.support, previously: [.info], at: .epoch) }
        #expect(again == info)
    }

    @Test("Parked time adds up, and parking twice changes nothing")
    func parking() async throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let id = try await store.write { transaction in
            let id = try transaction.accounts.ensure(.support, at: .epoch)
            try transaction.accounts.unparkSending(id, at: .epoch)
            try transaction.accounts.parkSending(id, at: .epoch)
            try transaction.accounts.parkSending(id, at: .epoch + .seconds(5))
            try transaction.accounts.unparkSending(id, at: .epoch + .seconds(10))
            try transaction.accounts.parkSending(id, at: .epoch + .seconds(20))
            return id
        }
        let account = try #require(try await store.read { try $0.accounts.find(id) })
        #expect(account.parking.elapsed(at: .epoch + .seconds(21)) == .seconds(11))
    }

    @Test("A folder is found again by its name, and follows a rename")
    func folders() async throws {
        let temporary = try TemporaryStore()
        let (made, role, renamed) = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let made = try transaction.folders.ensure(account, serverName: "Entw&APw-rfe")
            let role = try transaction.folders.ensure(account, serverName: "Entw&APw-rfe", role: .drafts)
            try transaction.folders.rename(made.id, to: "Drafts")
            return (made, role, try transaction.folders.find(account, serverName: "Drafts"))
        }
        #expect(role.id == made.id)
        #expect(role.role == .drafts)
        #expect(renamed?.id == made.id)
        #expect(made.uidValidity == nil)
        #expect(!made.isRecovering)
    }
}
