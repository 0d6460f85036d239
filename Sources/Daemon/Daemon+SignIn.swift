import Authorization
import Diagnostics
import MailModel
import Operations

extension Daemon: SignInControl {
    public func beginDeviceSignIn(
        _ name: AccountName, _ direction: Direction?
    ) async throws -> AuthorizationProgress {
        let who = try await signInAsked(of: name, for: direction)
        await forgetOldSignIns()
        guard await signInsUnderWay() < Limits.deviceSignIns, signIns.count < Limits.deviceSignInsRemembered else {
            throw Problem(.tryLater, "\(Limits.deviceSignIns) sign-ins are under way already.", retryAfter: 60)
        }
        var generator = SystemRandomNumberGenerator()
        let id = DeliveryKey(using: &generator).description
        let signIn = DeviceSignIn(
            id: id, clock: clock, steps: tokens.authorizeByDevice(for: name, who, language: nil))
        signIns[id] = signIn
        Task {
            await signIn.run()
            await self.signedIn()
        }
        await signIn.untilPrompted()
        return await signIn.progress
    }

    public func deviceSignIn(_ name: AccountName, id: String, patience: Duration) async throws
        -> AuthorizationProgress
    {
        _ = try worker(name)
        if let request = browserSignIns.find(id, of: name, at: clock.now) {
            return AuthorizationProgress(id: id, request)
        }
        guard let signIn = signIns[id] else {
            throw Problem.notFound("There is no such sign-in; it may have ended a while ago.")
        }
        let clock = clock
        await withTaskGroup { group in
            group.addTask { await signIn.untilOver() }
            group.addTask { try? await clock.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
        return await withMissing(signIn.progress, of: name)
    }

    public func beginBrowserSignIn(
        _ name: AccountName, _ direction: Direction?, backBy way: AuthorizationWayBack
    ) async throws -> AuthorizationProgress {
        let who = try await signInAsked(of: name, for: direction)
        let wayBack: TokenKeeper.WayBack =
            switch way {
            case .loopback(let port): .loopback(port: port)
            case .paste: .paste
            }
        let request = try await tokens.beginAuthorization(for: who, backBy: wayBack)
        var generator = SystemRandomNumberGenerator()
        let id = DeliveryKey(using: &generator).description
        try browserSignIns.add(request, as: id, of: name, at: clock.now)
        return AuthorizationProgress(id: id, request)
    }

    public func finishBrowserSignIn(
        _ name: AccountName, id: String, _ answer: AuthorizationAnswer
    ) async throws -> AuthorizationProgress {
        let request = try browserSignIns.take(id, of: name, state: answer.state, at: clock.now)
        do {
            switch answer.result {
            case .error(let error, let description):
                throw tokens.refusal(of: request, error: error, description: description)
            case .code(let code):
                let who = try signIn(of: name, answering: request)
                let receipt = try await tokens.finishAuthorization(request, code: code, for: name, who)
                await signedIn()
                let done = AuthorizationProgress(
                    id: id, state: .done, identity: receipt.identity?.names.first, warning: receipt.warning)
                return await withMissing(done, of: name)
            }
        } catch let failure as Failure {
            return AuthorizationProgress(id: id, state: .failed, problem: ErrorReport(failure))
        }
    }

    public func revoke(_ name: AccountName, _ direction: Direction?) async throws -> RevokeReport {
        let all = consents(of: try worker(name).account)
        guard direction != nil || all.count < 2 else {
            let each = all.map { consent in
                "that of \(consent.signIn.authorizedAs) at \(consent.provider.name) "
                    + "(--direction \(consent.directions[0].rawValue))"
            }
            throw Problem(
                .usage, "Account \(name) has two consents. Say which: \(each.joined(separator: ", or ")).")
        }
        let who = try all.first.flatMap { direction == nil ? $0.signIn : nil } ?? signIn(of: name, for: direction)
        let (accounts, revocation) = try await tokens.revoke(who)
        await signedIn()
        var report = RevokeReport(accounts: accounts.map(\.text), atProvider: RevokeReport.AtProvider(revocation))
        if case .failed(let failure) = revocation { report.problem = ErrorReport(failure.of(account: name.text)) }
        if [.failed, .notPossible].contains(report.atProvider) {
            report.whatToDo = settings.providers[who.provider]?.revocationCure(of: who.authorizedAs)
        }
        return report
    }

    public func authorizeApplication(_ name: AccountName) async throws -> AuthorizationProgress {
        let account = try worker(name).account
        let setup = try await tokens.applicationSetup(for: account)
        guard !setup.steps.isEmpty else {
            throw Problem(
                .usage, "Somebody signs in for account \(name): --device, --browser, --paste or --import FILE.")
        }
        var progress = AuthorizationProgress(id: "", state: .done)
        progress.setup = setup.steps.map { AuthorizationProgress.SetupStep(text: $0.text, lines: $0.lines) }
        do {
            for who in applications(of: account) {
                try await tokens.retryNow(who)
                _ = try await tokens.accessToken(for: who)
            }
            await signedIn()
        } catch let failure as Failure {
            progress.state = .failed
            progress.problem = ErrorReport(failure.of(account: name.text))
        }
        return progress
    }

    public func importRefreshToken(
        _ token: Secret, for name: AccountName, _ direction: Direction?
    ) async throws -> AuthorizationProgress {
        let who = try await signInAsked(of: name, for: direction)
        let receipt = try await tokens.importRefreshToken(token, for: name, who)
        await signedIn()
        let done = AuthorizationProgress(
            id: "", state: .done, identity: receipt.identity?.names.first, warning: receipt.warning)
        return await withMissing(done, of: name)
    }

    // MARK: Whose sign-in

    /// The sign-in that somebody is to be asked for: the one that is missing, else receiving's, unless `direction` says which.
    private func signInAsked(of name: AccountName, for direction: Direction?) async throws -> SignInSettings {
        guard direction == nil, !consents(of: try worker(name).account).isEmpty else {
            return try signIn(of: name, for: direction)
        }
        return try await consent(askedFor: name).signIn
    }

    /// The one that the request was made for. The configuration may have changed since: then it fits none.
    private func signIn(of name: AccountName, answering request: AuthorizationRequest) throws -> SignInSettings {
        let all = consents(of: try worker(name).account)
        return try all.first { request.isOf($0.signIn) }?.signIn ?? signIn(of: name)
    }

    /// Those of the app itself.
    private func applications(of account: Account) -> [SignInSettings] {
        var known: Set<CredentialKey> = []
        return [account.receive?.signIn, account.send?.signIn].compactMap(\.self).filter { signIn in
            guard let grant = settings.providers[signIn.provider]?.grant,
                [.clientCredentials, .serviceAccount].contains(grant), let key = CredentialKey(signIn, grant: grant)
            else { return false }
            return known.insert(key).inserted
        }
    }

    private func withMissing(_ progress: AuthorizationProgress, of name: AccountName) async -> AuthorizationProgress {
        guard progress.state == .done, let worker = workers[name] else { return progress }
        var progress = progress
        for consent in consents(of: worker.account) where await lacksToken(consent, worker) {
            progress.missing = consent.directions.first?.rawValue
        }
        return progress
    }

    /// Whoever waited for a consent is tried at once, and whoever lost one says so at once.
    func signedIn() async {
        for worker in workers.values {
            await worker.receiving?.worker.tryAtOnce()
            await worker.sending?.worker.tryAtOnce()
        }
        await tellIdleSenders()
    }

    /// Those that have nothing to send do not ask for a token, and so do not see that there will be none.
    func tellIdleSenders() async {
        for worker in workers.values {
            guard let sender = worker.sending?.worker, let signIn = worker.account.send?.signIn,
                let credential = try? await tokens.status(of: signIn), let failure = credential.failure,
                credential.state.isProblem, (credential.validUntil ?? clock.now) <= clock.now
            else { continue }
            await sender.credentialLost(because: failure)
        }
    }

    /// None that is under way, however long its code lives: somebody waits for it.
    private func forgetOldSignIns() async {
        let oldest = clock.now - Limits.deviceSignInMemory
        for (id, signIn) in signIns {
            if let ended = await signIn.ended, ended < oldest { signIns[id] = nil }
        }
    }

    private func signInsUnderWay() async -> Int {
        var count = 0
        for signIn in signIns.values where await signIn.ended == nil { count += 1 }
        return count
    }
}

extension RevokeReport.AtProvider {
    fileprivate init(_ revocation: Revocation) {
        switch revocation {
        case .revoked: self = .revoked
        case .wasOver: self = .wasOver
        case .nothing: self = .nothing
        case .notPossible: self = .notPossible
        case .failed: self = .failed
        }
    }
}

extension Provider {
    /// How a consent is taken back where we cannot say it.
    fileprivate func revocationCure(of person: String) -> String {
        switch preset {
        case .gmail: "\(person) removes the app at https://myaccount.google.com/permissions."
        case .outlook: "\(person) removes the app at https://account.live.com/consent/Manage."
        case .microsoft365, .hve:
            "\(person) revokes the app at https://myapps.microsoft.com (the app > … > Manage your application); or an administrator "
                + "ends all sessions of the user: Revoke-MgUserSignInSession -UserId \(person)"
        case .generic: "\(person) removes the app at the provider."
        }
    }
}

extension AuthorizationProgress {
    fileprivate init(id: String, _ request: AuthorizationRequest) {
        self.init(
            id: id, state: .waiting,
            browser: Browser(
                authorizeURL: request.url, redirectURI: request.redirectURI, expires: request.expires))
    }
}
