import Diagnostics
import Glibc
import Operations

/// `authorize --browser`: listens on loopback, and gives the daemon what the browser brings back (RFC 8252 §7.3).
struct BrowserSignIn {
    let account: String
    let client: ControlClient
    let order: SignInOrder

    func run(port wanted: Int) async throws -> AuthorizationProgress {
        let listener = RedirectListener(port: wanted)
        do {
            let port = try await listener.start()
            let progress = try await signIn(listener, port)
            await listener.stop()
            return progress
        } catch {
            await listener.stop()
            guard let failure = error as? Failure else { throw error }
            throw CommandFailure(
                .tryLater, "\(failure.operation): \(failure.reason). Choose another port with --port.")
        }
    }

    private func signIn(_ listener: RedirectListener, _ port: Int) async throws -> AuthorizationProgress {
        var order = order
        order.port = port
        let waiting = try await WaitingSignIn.begin(order, account, client)
        try Console.write(lines: [
            "Open \(Printable(waiting.page.authorizeURL))",
            "in a browser on this machine, before \(waiting.page.expires), and sign in as the owner of this mailbox.",
            "A browser on another machine comes back here while this runs there:",
            "  ssh -L \(port):localhost:\(port) \(BrowserSignIn.login)", "Waiting.",
        ])
        guard let visit = await BrowserSignIn.visit(listener, waiting) else {
            throw CommandFailure(.trouble, "nobody signed in before \(waiting.page.expires); begin again")
        }
        do {
            let progress = try await waiting.finish(
                RedirectAnswer(visit.parameters, state: waiting.state), client)
            visit.answer(page(of: progress))
            return progress
        } catch {
            visit.answer(
                RedirectPage(
                    500, heading: "Not signed in", "Postbote did not take the answer. The terminal says why."))
            throw error
        }
    }

    /// `nil` when the sign-in expires first.
    private static func visit(_ listener: RedirectListener, _ waiting: WaitingSignIn) async -> RedirectListener.Visit?
    {
        let expected = RedirectListener.Expected(redirectURI: waiting.page.redirectURI, state: waiting.state)
        return await withTaskGroup(of: RedirectListener.Visit?.self) { group in
            group.addTask { try? await listener.visit(expected) }
            group.addTask {
                try? await SystemClock().sleep(until: waiting.page.expires)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    private func page(of progress: AuthorizationProgress) -> RedirectPage {
        guard progress.state != .done else {
            let who = progress.identity.map { " as \($0)" } ?? ""
            return RedirectPage(heading: "Signed in", "\(account) is signed in\(who).", "You can close this page.")
        }
        let reason = progress.problem.map(\.reason) ?? "It failed."
        return RedirectPage(400, heading: "Not signed in", reason)
    }

    /// How the person at the terminal is known here, for ssh.
    private static var login: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let user =
            Environment.variables["SUDO_USER"] ?? getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
        return "\(Printable(user ?? "user"))@\(Printable(host.isEmpty ? "host" : host))"
    }
}
