import TestSupport

/// A folder whose messages are all known and have new UIDs: the time until all are known again, from the start of the
/// program, beside a bare reader of the same header fields. Nothing is delivered again.
struct RecoveryBenchmark: Benchmark {
    let name = "recovery"
    let messages: Int
    var title: String { "Knowing \(messages) messages again after their folder got a new UIDVALIDITY" }

    func run(runs: Int) async throws -> Report {
        let mailbox = try await BenchmarkMailbox.start(.brief(messages))
        do {
            let report = try await compare(mailbox, runs: runs)
            await mailbox.stop()
            return report
        } catch {
            await mailbox.stop()
            throw error
        }
    }

    private func compare(_ mailbox: BenchmarkMailbox, runs: Int) async throws -> Report {
        let bare = try await BareFetcher()
        let postbote = try await PostboteFetcher.prepared(mailbox)
        _ = try await fetch(postbote, isRecovery: false)
        var (ours, theirs, peaks) = (Series(), Series(), Series())
        var (ourOctets, theirOctets) = (0, 0)
        for run in 1...runs {
            try await mailbox.dovecot.renumber(BenchmarkMailbox.user, uidValidity: UInt32(1000 + run))
            // The first reader makes Dovecot's cache of header fields; it is not what is measured.
            _ = try await bare.readHeaders(mailbox)
            theirs.add(Double(messages) / (try await bare.readHeaders(mailbox)).seconds)
            theirOctets = try await mailbox.octetsOfLastSession()
            let (duration, peak) = try await fetch(postbote)
            ours.add(Double(messages) / duration.seconds)
            peaks.add(Double(peak) / 1024)
            ourOctets = try await mailbox.octetsOfLastSession()
            try mailbox.check(postbote.maildir(of: "bench") + "/new", of: "postbote", byMbsync: false)
        }
        var report = Report()
        report.add("postbote, messages/s", "\(ours.text()), \(ourOctets) octets from the server")
        report.add("bare header reader, messages/s", "\(theirs.text()), \(theirOctets) octets from the server")
        report.add("postbote, peak memory", "\(peaks.text(digits: 1)) MB")
        report.add("postbote / bare header reader", ours.divided(by: theirs).text(digits: 2))
        return report
    }

    /// From the start of the program until its ledger knows every message.
    private func fetch(_ postbote: PostboteInstance, isRecovery: Bool = true) async throws -> (Duration, peak: Int) {
        let started = ContinuousClock.now
        let daemon = try await postbote.serve(within: .seconds(120))
        try await ControlRequest(postbote, "/v1/accounts/bench/fetch?wait=true").post()
        let duration = ContinuousClock.now - started
        let peak = try ProcessMemory.peak(daemon.processID)
        if isRecovery,
            !daemon.errors.lines.contains(where: {
                $0.contains("EVENT=folder_recovered") && $0.contains("KNOWN=\(messages)")
            })
        {
            throw WrongResult("postbote did not know all messages again:\n\(daemon.errors.text)")
        }
        guard await daemon.stop() == .exited(0) else { throw WrongResult("postbote did not end well") }
        return (duration, peak)
    }
}

extension BenchmarkMailbox {
    /// What Dovecot sent in the IMAP session that ended last: `imap(user)<…>: Disconnected: Logged out in=… out=…`.
    fileprivate func octetsOfLastSession() async throws -> Int {
        let line = dovecot.log.lines.last { $0.contains(" out=") && $0.contains("imap(") }
        let words = line?.split(separator: " ") ?? []
        guard let word = words.first(where: { $0.hasPrefix("out=") }), let octets = Int(word.dropFirst(4)) else {
            throw WrongResult("Dovecot did not log what it sent")
        }
        return octets
    }
}
