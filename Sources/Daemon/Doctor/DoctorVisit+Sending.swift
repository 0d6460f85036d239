import Diagnostics
import MailModel
import MailProtocol
import Sessions

/// The submission server: in, which senders it takes, and a test mail.
extension DoctorVisit {
    func submissionSignIn() async throws -> DoctorFinding {
        do {
            let login: String
            (submitter, login) = try await openSubmitter()
            return .ok(signedIn(as: login))
        } catch let failure as Failure {
            throw named(failure, .send)
        }
    }

    private func signedIn(as login: String) -> String {
        let settings = signIn(.send)
        guard settings.otherLogin != nil else { return "signed in as \(login)" }
        guard login == settings.login else {
            return
                "signed in as \(login), who signed in: the server refused the name \(settings.login), which stays in MAIL FROM"
        }
        return "signed in as \(login) with what \(settings.authorizedAs) allowed"
    }

    func sender(_ address: String) async throws -> DoctorFinding {
        guard let sender = MailAddress(address) else {
            return .failed("“\(address)” is no mail address", next: "Correct `send.from`, then `postbote reload`.")
        }
        if let refusal = try await usableSubmitter().refusal(of: sender) { throw refusal }
        return .ok("accepted")
    }

    // MARK: The test mail

    func sendTestMail() async throws -> DoctorFinding {
        guard let recipient = ground.sendTo else { return .skipped("no mail is sent without --send-to ADDRESS") }
        let allowed = account.send?.from.first { !$0.hasPrefix("@") } ?? account.address
        guard let author = MailAddress(allowed) else {
            return .failed("“\(allowed)” is no mail address", next: "Correct `send.from`, then `postbote reload`.")
        }
        let mail = TestMail(from: author, to: recipient, account: account.name, at: clock.now)
        let result = try await usableSubmitter().submit(try mail.envelope(), content: mail) { _ in }
        switch result.outcomes.first {
        case .accepted(let reply):
            testMail = mail
            return .ok("Message-ID \(mail.messageID) to \(recipient); the server said: \(reply.serverLine)")
        case .deferred(let failure), .failed(let failure): throw failure
        case .inDoubt(var failure):
            failure.reason += " The test mail may have been sent all the same."
            throw failure
        case nil: preconditionFailure("every recipient has an outcome")
        }
    }

    func testMailReceived() async throws -> DoctorFinding {
        let inbox =
            folders.first { $0.role == .inbox } ?? folders.first { $0.path.description.uppercased() == "INBOX" }
        return try await lookedFor(in: inbox, called: "INBOX")
    }

    func testMailFiled() async throws -> DoctorFinding {
        try await lookedFor(in: folders.first { $0.role == .sent }, called: "Sent")
    }

    private func lookedFor(in folder: RemoteFolder?, called name: String) async throws -> DoctorFinding {
        guard let mail = testMail else { return .skipped("no test mail was sent") }
        guard let folder else { return .skipped("the mailbox has no folder \(name)") }
        let search = TestMailSearch(clock: clock) {
            try await self.withMailbox {
                try await DoctorVisit.newest(in: folder, of: $0).contains { mail.isSame(as: $0) }
            }
        }
        switch try await search.run() {
        case .found(let wait): return .ok("there after \(wait.components.seconds) s")
        case .missing(let wait):
            return .warning(
                "it was not in \(folder.path) within \(wait.components.seconds) s",
                next: "Look for \(mail.messageID) in the junk folder, or in the provider's message trace.")
        }
    }

    private static func newest(in folder: RemoteFolder, of mailbox: any Mailbox) async throws -> [MessageSummary] {
        guard try await mailbox.select(folder).exists > 0 else { return [] }
        let newest = try await mailbox.look(Look.Question(.all)).present.suffix(Limits.testMailAmong)
        return try await mailbox.describe(newest, .identity)
    }

    // MARK: Parts

    /// A server may have said good-bye meanwhile.
    private func usableSubmitter() async throws -> any Submitter {
        if let submitter, await submitter.isUsable { return submitter }
        await submitter?.close()
        let another = try await openSubmitter().submitter
        submitter = another
        return another
    }

    private func openSubmitter() async throws -> (submitter: any Submitter, login: String) {
        guard let send = account.send else { preconditionFailure("the plan has no submission without sending") }
        return try await ground.opener.openSubmitter(send, of: provider(.send), logins: ground.logins)
    }
}
