import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Store

@Suite("A link to sign in with") struct SignInLinksTests {
    private static let day = Duration.seconds(86_400)
    private static let anna = CredentialName(provider: .contoso, subject: "Anna@contoso.de")

    private let temporary: TemporaryStore
    private let account: AccountID
    private var store: Store { temporary.store }

    init() async throws {
        temporary = try TemporaryStore()
        account = try await temporary.store.write { try $0.accounts.ensure(.support, at: .epoch) }
    }

    @discardableResult
    private func add(
        _ token: String, for credential: CredentialName = anna, at moment: Timestamp = .epoch
    ) async throws -> SignInLink.Digest {
        let link = SignInLink(
            digest: .init(of: Secret(token)), account: account, credential: credential, created: moment,
            expires: moment + Self.day)
        try await store.write { try $0.signInLinks.add(link) }
        return link.digest
    }

    private func state(_ digest: SignInLink.Digest, at moment: Timestamp = .epoch) async throws -> SignInLink.State? {
        try await store.read { try $0.signInLinks.find(digest) }?.state(at: moment)
    }

    @Test("is found by the digest of its token, which itself is nowhere in the database, until it expires")
    func found() async throws {
        let digest = try await add("the-token")
        let link = try #require(try await store.read { try $0.signInLinks.find(digest) })
        #expect(link.account == account && link.credential == Self.anna && link.expires == .epoch + Self.day)
        #expect(try await state(digest, at: .epoch + Self.day - .milliseconds(1)) == .open)
        #expect(try await state(digest, at: .epoch + Self.day) == .expired)
        #expect(try await state(.init(of: Secret("another"))) == nil)
        let files = TestSupport.Directory.names(in: temporary.directory).filter { $0.hasPrefix("postbote.db") }
        for file in files {
            let bytes = try TestSupport.Directory.bytes(of: "\(temporary.directory)/\(file)")
            #expect(bytes.firstRange(of: Array("the-token".utf8)) == nil, "\(file)")
        }
    }

    @Test("is replaced by a newer one for the same consent, and by no other")
    func replaced() async throws {
        let first = try await add("first")
        let other = try await add("other", for: CredentialName(provider: .contoso, subject: "bert@contoso.de"))
        let second = try await add("second", for: CredentialName(provider: .contoso, subject: "anna@CONTOSO.de"))
        #expect(try await state(first) == .ended(.replaced))
        #expect(try await state(second) == .open)
        #expect(try await state(other) == .open)
    }

    @Test("stays beside a newer one until that one has reached its owner, and for good when it does not")
    func beside() async throws {
        let first = try await add("first")
        func beside(_ token: String) async throws -> SignInLink {
            let link = SignInLink(
                digest: .init(of: Secret(token)), account: account, credential: Self.anna, created: .epoch,
                expires: .epoch + Self.day)
            try await store.write { try $0.signInLinks.addBeside(link) }
            return link
        }
        let lost = try await beside("lost")
        #expect(try await store.read { try $0.signInLinks.open(Self.anna, at: .epoch) }.count == 2)
        try await store.write { try $0.signInLinks.remove(lost.digest) }
        #expect(try await store.read { try $0.signInLinks.open(Self.anna, at: .epoch) }.map(\.digest) == [first])
        #expect(try await store.read { try $0.signInLinks.open(Self.anna, at: .epoch + Self.day) }.isEmpty)
        let (second, third) = (try await beside("second"), try await beside("third"))
        try await store.write { transaction in
            try transaction.signInLinks.replaceOthers(than: second, at: .epoch)
            try transaction.signInLinks.replaceOthers(than: third, at: .epoch)
        }
        #expect(try await state(first) == .ended(.replaced))
        #expect(try await state(second.digest) == .open)
        #expect(try await state(third.digest) == .ended(.replaced))
    }

    @Test("ends once, and keeps the first reason", arguments: SignInLink.Ending.allCases)
    func ended(ending: SignInLink.Ending) async throws {
        let digest = try await add("token")
        try await store.write { transaction in
            try transaction.signInLinks.end(Self.anna, ending, at: .epoch)
            try transaction.signInLinks.end(Self.anna, .revoked, at: .epoch)
        }
        #expect(try await state(digest) == .ended(ending))
        #expect(try await state(digest, at: .epoch + Self.day * 2) == .ended(ending))
    }

    @Test("ends when somebody else signed in with it too often")
    func strangers() async throws {
        let digest = try await add("token")
        for _ in 1..<Limits.strangersOfOneLink {
            try await store.write { try $0.signInLinks.noteStranger(digest, at: .epoch) }
        }
        #expect(try await state(digest) == .open)
        try await store.write { try $0.signInLinks.noteStranger(digest, at: .epoch) }
        #expect(try await state(digest) == .ended(.exhausted))
    }

    @Test("is forgotten with its account, long after it expired, and when there are too many")
    func forgotten() async throws {
        let first = try await add("0")
        for number in 1...Limits.linksOfOneCredential { try await add("\(number)", at: .epoch + .seconds(number)) }
        #expect(try await state(first) == nil)
        #expect(try await state(.init(of: Secret("1"))) == .ended(.replaced))
        let kept = try await add("kept", at: .epoch + Limits.linkMemory)
        try await store.write { try $0.signInLinks.purge(at: .epoch + Limits.linkMemory + Self.day * 2) }
        #expect(try await state(.init(of: Secret("1"))) == nil)
        #expect(try await state(kept) != nil)
        _ = try await store.write { [account] in try $0.accounts.forget(account) }
        #expect(try await state(kept) == nil)
    }
}
