import Glibc
import TestSupport

/// Mailboxes that get mail and are moved in every way, on a server that is restarted, over connections that break, fetched
/// by a Postbote that is killed; and at the end every message is accounted for.
final class Soak {
    private let options: SoakOptions
    private var generator: SeededGenerator
    private var nextToken = 0
    private var mailboxes: [SoakMailbox] = []
    private var report = SoakReport()

    init(_ options: SoakOptions) {
        self.options = options
        generator = SeededGenerator(seed: options.seed)
    }

    /// - Returns: whether nothing was lost, and nothing came twice that is not counted as doubtful.
    func run() async throws -> Bool {
        say("\(options.mailboxes) mailboxes, \(options.minutes) min, seed \(options.seed)")
        let servers = try await SoakServers(mailboxes: options.mailboxes)
        do {
            let isGood = try await run(servers)
            await servers.stop()
            return isGood
        } catch {
            if !Task.isCancelled { say(servers.log) }
            await servers.stop()
            throw error
        }
    }

    private func run(_ servers: SoakServers) async throws -> Bool {
        mailboxes = servers.accounts.map { SoakMailbox(account: $0) }
        for mailbox in mailboxes {
            for _ in 0..<20 { try arrive(mailbox, servers) }
        }
        try await servers.begin()
        let started = ContinuousClock.now
        var said = started
        while ContinuousClock.now - started < .seconds(60 * options.minutes) {
            try Task.checkCancellation()
            try await step(servers)
            try await Task.sleep(for: .milliseconds(number(100...600)))
            guard ContinuousClock.now - said > .seconds(30) else { continue }
            said = ContinuousClock.now
            say("  \((said - started).components.seconds) s: \(report.progress)")
        }
        say("Looking whether everything is there ...")
        try await settle(servers)
        try await compare(servers)
        report.peakMemory = servers.peakMemory
        say(report)
        return report.isGood
    }

    // MARK: What happens

    private func step(_ servers: SoakServers) async throws {
        for _ in 0..<number(1...max(1, options.mailboxes / 5)) { try arrive(anyMailbox(), servers) }
        switch number(0...99) {
        case 0..<20:
            report.kills += 1
            try await servers.kill()
        case 20..<32: try await move(servers)
        case 32..<42:
            report.cuts += 1
            let side = Bool.random(using: &generator) ? LineCutter.Side.client : .server
            servers.way.breakAll(at: .init(.hangUp, after: number(0...80), of: side))
            try await Task.sleep(for: .milliseconds(number(50...500)))
            servers.way.letThrough()
        case 42..<50: try await rename(anyMailbox(), servers)
        case 50..<56: try await replace(anyMailbox(), servers)
        case 56:
            report.moves["another host", default: 0] += 1
            try await servers.changeHost()
        default: break
        }
    }

    private func arrive(_ mailbox: SoakMailbox, _ servers: SoakServers) throws {
        nextToken += 1
        try mailbox.arrive(number(0...1), token: nextToken, on: servers.dovecot, using: &generator)
        report.arrived += 1
    }

    /// The server is stopped, some folders are changed, and it comes again.
    private func move(_ servers: SoakServers) async throws {
        report.restarts += 1
        await servers.dovecot.stop()
        for _ in 0..<number(1...max(1, options.mailboxes / 4)) {
            let mailbox = anyMailbox()
            guard let move = SoakMove.allCases.randomElement(using: &generator) else { continue }
            report.moves[move.rawValue, default: 0] += 1
            try move.happen(
                to: mailbox, number(0...1), on: servers.dovecot, mail: mail(of: mailbox, servers), using: &generator)
            // And mail that is there at the first look after it.
            if Bool.random(using: &generator) { try arrive(mailbox, servers) }
        }
        try await servers.dovecot.start()
    }

    private func rename(_ mailbox: SoakMailbox, _ servers: SoakServers) async throws {
        let name = "Archive \(number(1...1_000_000))"
        try await servers.dovecot.renameFolder(mailbox.folders[1].name, to: name, of: mailbox.address)
        mailbox.folders[1].name = name
        report.moves["folder renamed", default: 0] += 1
    }

    /// A folder is deleted, when nothing in it is still to be fetched, and made again with other mail.
    private func replace(_ mailbox: SoakMailbox, _ servers: SoakServers) async throws {
        let folder = mailbox.folders[1]
        let removable = try mailbox.removable(1, in: mail(of: mailbox, servers))
        guard removable.count == folder.present.count else { return }
        try await servers.dovecot.deleteFolder(folder.name, of: mailbox.address)
        do {
            try await servers.dovecot.createFolder(folder.name, of: mailbox.address)
        } catch let failed as ChildProcess.Failed where failed.finished.errors.contains("already exists") {
            // The server makes some folders by itself, as soon as somebody lists them.
        }
        mailbox.folders[1] = SoakMailbox.Folder(name: folder.name)
        report.moves["folder replaced", default: 0] += 1
    }

    // MARK: The end

    private func settle(_ servers: SoakServers) async throws {
        servers.way.letThrough()
        try await fetchAll(servers)
        // Messages that seemed to break connections wait longer than the soak; a reset asks for them, and recognises all.
        for mailbox in mailboxes { try await servers.postbote.command("reset", mailbox.account) }
        for _ in 0..<2 { try await fetchAll(servers) }
    }

    /// A session that a cut ended, or a server that was away, is no reason to give up.
    private func fetchAll(_ servers: SoakServers) async throws {
        for mailbox in mailboxes {
            var tries = 0
            while true {
                do {
                    try await servers.postbote.command("fetch", mailbox.account, "--wait")
                    break
                } catch  where tries < 4 {
                    tries += 1
                }
            }
        }
    }

    private func compare(_ servers: SoakServers) async throws {
        for mailbox in mailboxes {
            let status = try await servers.postbote.command("status", mailbox.account, "--json")
            let (lost, again) = try mailbox.compare(below: mail(of: mailbox, servers))
            let counts = try MailCounts(status.output)
            report.add(counts)
            report.unexplained += max(0, again.count - counts.doubtful)
            report.lost += lost.map { "\(mailbox.account) \($0)" }
            report.again += again.map { "\(mailbox.account) \($0)" }
        }
        report.endedWell = await servers.end()
    }

    // MARK: Chance

    private func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    private func anyMailbox() -> SoakMailbox { mailboxes[number(0...(mailboxes.count - 1))] }
    private func mail(of mailbox: SoakMailbox, _ servers: SoakServers) -> String {
        servers.postbote.maildir(of: mailbox.account)
    }
}
