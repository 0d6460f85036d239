import TestSupport

/// What an idle account with an open, authenticated IMAPS connection costs in private memory.
struct IdleBenchmark: Benchmark {
    let name = "idle"
    let accounts: Int
    var title: String { "Private memory of idle, connected accounts: 1 and \(accounts + 1)" }

    func run(runs: Int) async throws -> Report {
        let names = (0...accounts).map { "user\($0)" }
        let options = AuthorizationOptions()
        let authorization = try await AuthorizationServer.start(options)
        var dovecotOptions = DovecotOptions(users: names.map { .init("\($0)@example.test") })
        dovecotOptions.signer = options.signer
        let dovecot = try await DovecotServer.start(dovecotOptions)
        for (index, name) in names.enumerated() {
            try dovecot.deliver(MessageCorpus().small(1)[index % 1], to: "\(name)@example.test")
        }
        let provider = PostboteProvider(authorization: authorization, dovecot: dovecot)
        let one = try await measure(provider, Array(names.prefix(1)))
        let all = try await measure(provider, names)
        await dovecot.stop()
        await authorization.stop()
        var report = Report()
        report.add("with 1 account", one.inMegabytes)
        report.add("with \(names.count) accounts", all.inMegabytes)
        report.add("a further account", "\((Double(all - one) / Double(accounts)).text(1)) KB")
        return report
    }

    /// KiB, once each account has fetched the one message of its mailbox and keeps its connection.
    private func measure(_ provider: PostboteProvider, _ names: [String]) async throws -> Int {
        let postbote = try PostboteInstance(prefix: "benchmark")
        try postbote.configure(configuration(provider, names, isEnabled: false))
        var daemon = try await postbote.serve()
        for name in names {
            let token = provider.authorization.consent(user: "\(name)@example.test")
            try await postbote.command("authorize", name, "--import", "-", input: token + "\n")
        }
        await daemon.stop()
        try postbote.configure(configuration(provider, names, isEnabled: true))
        daemon = try await postbote.serve()
        for name in names { try await postbote.command("fetch", name, "--wait", within: .seconds(120)) }
        for name in names where Directory.names(in: postbote.maildir(of: name) + "/new").count != 1 {
            throw WrongResult("\(name) has not got its message")
        }
        let connections = ProcessSockets.connections(of: daemon.processID, to: provider.dovecot.port(.imaps))
        guard connections == names.count else {
            throw WrongResult("\(connections) of \(names.count) accounts are connected")
        }
        let memory = try ProcessMemory.own(daemon.processID)
        await daemon.stop()
        return memory
    }

    private func configuration(_ provider: PostboteProvider, _ names: [String], isEnabled: Bool) -> String {
        let accounts = names.map { name in
            "  \(name): {address: \(name)@example.test, provider: test, receive: {enabled: \(isEnabled)}}\n"
        }
        return "poll_interval: 1h\n" + provider.section + "accounts:\n" + accounts.joined()
    }
}
