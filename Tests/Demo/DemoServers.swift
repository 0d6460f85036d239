import Glibc
import TestSupport

/// The servers of the demo, and what must be found at the end.
struct DemoServers {
    struct Account {
        let name: String
        let address: String
        let isPOP3: Bool
        let refreshToken: String
    }

    let accounts: [Account]
    let postbote: PostboteInstance
    let dovecot: DovecotServer
    let sink: SMTPSink
    let authorization: AuthorizationServer

    var mailDirectory: String { postbote.directory("state/mail") }

    static func start() async throws -> DemoServers {
        let names = ["anna", "bert", "clara"]
        var options = AuthorizationOptions()
        options.accessTokenLifetime = Demo.tokenLifetime
        let authorization = try await AuthorizationServer.start(options)
        let sink = try await SMTPSink.start()
        var dovecotOptions = DovecotOptions(users: names.map { .init("\($0)@example.test") })
        dovecotOptions.signer = options.signer
        dovecotOptions.relay = .init(port: sink.port)
        let dovecot = try await DovecotServer.start(dovecotOptions)
        let accounts = names.map { name in
            Account(
                name: name, address: "\(name)@example.test", isPOP3: name == "clara",
                refreshToken: authorization.consent(user: "\(name)@example.test"))
        }
        return DemoServers(
            accounts: accounts, postbote: try PostboteInstance(prefix: "postbote-demo"), dovecot: dovecot, sink: sink,
            authorization: authorization)
    }

    func stop() async {
        await dovecot.stop()
        await sink.stop()
        await authorization.stop()
    }

    // MARK: Mail

    func fill(count: Int) throws {
        for (number, account) in accounts.enumerated() {
            try dovecot.deliver(MessageCorpus(seed: UInt64(number + 1)).messages(count), to: account.address)
        }
    }

    func deliverLate(count: Int) throws {
        let corpus = MessageCorpus(seed: 99)
        for number in 0..<count {
            try dovecot.deliver(corpus[1000 + number], to: accounts[number % accounts.count].address)
        }
    }

    /// How many messages the server has and how many of them lie in the Maildir, byte for byte, once each.
    func compare(_ account: Account) async throws -> DemoReport.Fetched {
        // POP3 has no way to say that a message has no line at all (RFC 1939 §3): Dovecot serves an empty one.
        let served = try await dovecot.messages(of: account.address).map { message in
            account.isPOP3 && message.bytes.isEmpty ? Array("\r\n".utf8) : message.bytes
        }
        var missing: [[UInt8]: Int] = [:]
        for message in served { missing[message, default: 0] += 1 }
        let new = "\(mailDirectory)/\(account.name)/new"
        let names = Directory.names(in: new)
        var same = 0
        for name in names {
            let bytes = try Directory.bytes(of: "\(new)/\(name)")
            guard let count = missing[bytes], count > 0 else {
                say("  \(account.name): \(name) (\(bytes.count) octets) is no message of the server")
                continue
            }
            missing[bytes] = count - 1
            same += 1
        }
        return DemoReport.Fetched(
            account: account.name, protocolName: account.isPOP3 ? "POP3" : "IMAP", expected: served.count,
            delivered: names.count, same: same)
    }

    /// Compares what the relay accepted with what was queued, by subject.
    func check(sent subjects: [String]) async throws -> DemoReport.Sent {
        let accepted = try await sink.transactions(atLeast: subjects.count)
        var open = Set(subjects)
        for transaction in accepted {
            let text = String(decoding: transaction.bytes, as: UTF8.self)
            if let subject = open.first(where: {
                text.contains("Subject: \($0)\r\n") || text.contains("Subject: \($0)\n")
            }) {
                open.remove(subject)
            }
        }
        return DemoReport.Sent(expected: subjects.count, accepted: accepted.count, found: subjects.count - open.count)
    }

    /// How many refreshes there were, once each account had one besides that of its import.
    func refreshes() async throws -> Int {
        for account in accounts {
            let address = account.address
            try await authorization.records(atLeast: 2, within: Demo.tokenLifetime) {
                $0.user == address && $0.grantType == "refresh_token"
            }
        }
        return accounts.reduce(0) { $0 + authorization.refreshes(of: $1.address) }
    }
}
