import Diagnostics
import Hummingbird
import MailModel
import Operations
import Synchronization

/// Answers what browsers ask: the pages of a link, and the provider's way back.
final class ConsoleResponder: Sendable {
    /// One request, and what is known of who asks.
    private struct Visit {
        let request: Request
        let client: IPAddress?
        let language: Language
        let browser: BrowserKey?
    }

    private let front: ConsoleFront
    private let service: any SelfService
    private let clock: any WallClock
    private let budgets = Mutex(VisitBudgets())

    init(_ front: ConsoleFront, _ service: any SelfService, clock: any WallClock) {
        self.front = front
        self.service = service
        self.clock = clock
    }

    /// - Parameter peer: the other end of the connection.
    func respond(to request: Request, from peer: IPAddress?) async -> Response {
        let forwarded = request.headers[values: .forwardedFor]
        let name = BrowserKey.cookieName(isSecure: front.isSecure)
        let visit = Visit(
            request: request,
            client: ClientAddress.of(peer, forwarded: forwarded, trusted: front.trusted)?.party,
            language: Language.wanted(request.headers[.acceptLanguage]),
            browser: (request.cookies[name]?.value).flatMap(BrowserKey.init(cookie:)))
        var response: Response
        do {
            response = try await answer(visit)
        } catch {
            // The daemon has told its administrator.
            response = self.response(Page(503, visit.language, Phrases.trouble, Phrases.later))
            let wait = (error as? Problem)?.retryAfter ?? Limits.retryAfterTrouble
            response.headers[.retryAfter] = String(wait)
        }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ visit: Visit) async throws -> Response {
        guard front.isOurs(host: visit.request.head.authority) else {
            return response(Page(421, visit.language, Phrases.wrongHost, Phrases.wrongHostText))
        }
        let now = clock.now
        if let wait = budgets.withLock({ $0.admit(visit.client, at: now) }) { return tooMany(wait, visit) }
        let path = visit.request.uri.path
        if let asset = Assets.response(path, isSecure: front.isSecure) {
            return isReading(visit) ? asset : wrongMethod("GET, HEAD", visit)
        }
        guard path.hasPrefix("/authorize/") else { return notFound(visit) }
        let rest = path.dropFirst("/authorize/".count)
        if rest == "callback" {
            return visit.request.method == .get ? try await callback(visit) : wrongMethod("GET", visit)
        }
        if let wait = look(\.guesses, visit.client) { return tooMany(wait, visit) }
        if rest.hasPrefix("result/") {
            return isReading(visit)
                ? try await result(rest.dropFirst("result/".count), visit) : wrongMethod("GET, HEAD", visit)
        }
        // Whatever cannot be a link is answered like one that nobody knows.
        guard Secret.isRandom(rest) else { return stray(visit) }
        let link = Secret(String(rest))
        if isReading(visit) { return try await show(link, visit) }
        return visit.request.method == .post
            ? try await begin(link, visit) : wrongMethod("GET, HEAD, POST", visit)
    }

    // MARK: Routes

    private func show(_ link: Secret, _ visit: Visit) async throws -> Response {
        switch try await service.look(at: link) {
        case .unknown: return stray(visit)
        case .closed(let end): return response(LinkPages.closed(end, visit.language))
        case .open(let invitation):
            let browser = visit.browser ?? BrowserKey()
            let page = InvitationPage(
                invitation: invitation, language: visit.language, mark: browser.mark(for: link))
            var response = response(page.page)
            if visit.browser == nil {
                response.headers[.setCookie] = browser.cookie(isSecure: front.isSecure)
            }
            return response
        }
    }

    private func begin(_ link: Secret, _ visit: Visit) async throws -> Response {
        if let wait = take(\.signIns, visit.client) { return tooMany(wait, visit) }
        let headers = visit.request.headers
        guard front.isOurs(origin: headers[.origin], fetchSite: headers[.fetchSite]), let browser = visit.browser,
            let form = try? await visit.request.body.collect(upTo: Limits.formOctets),
            let mark = RedirectParameters(query: String(buffer: form))["mark"],
            Secret(mark) == browser.mark(for: link)
        else { return response(Page(403, visit.language, Phrases.badRequest, Phrases.begunElsewhereText)) }
        switch try await service.begin(link, in: browser) {
        case .away(let url, let provider): return response(LinkPages.away(to: url, provider, visit.language))
        case .closed(let end): return response(LinkPages.closed(end, visit.language))
        case .unknown: return stray(visit)
        case .refused(let problem):
            return response(LinkPages.refused(problem, 503, retryAt: ConsolePath.link(link), visit.language))
        }
    }

    private func callback(_ visit: Visit) async throws -> Response {
        if let wait = take(\.signIns, visit.client) { return tooMany(wait, visit) }
        guard let answer = AuthorizationAnswer(RedirectParameters(query: visit.request.uri.query ?? "")) else {
            return response(Page(400, visit.language, Phrases.badRequest, Phrases.badRequestText))
        }
        guard let browser = visit.browser else { return foreign(visit) }
        switch try await service.finish(answer, in: browser) {
        case .unknown: return response(Page(400, visit.language, Phrases.nothingWaits, Phrases.nothingWaitsText))
        case .foreign: return foreign(visit)
        case .result(let id):
            // Away from the address with the code in it.
            var response = Response(
                status: .seeOther, headers: [.location: ConsolePath.result(id), .cacheControl: "no-store"])
            response.protect(isSecure: front.isSecure)
            return response
        }
    }

    private func result(_ id: Substring, _ visit: Visit) async throws -> Response {
        guard let browser = visit.browser, Secret.isRandom(id),
            let result = try await service.result(String(id), in: browser)
        else { return stray(visit) }
        switch result.outcome {
        case .signedIn(let person, let isLasting, let check):
            return response(
                SignedInPage(person: person, isLasting: isLasting, check: check, language: visit.language).page)
        case .refused(let problem):
            let again = ConsolePath.link(result.link)
            return response(LinkPages.refused(problem, 200, retryAt: again, visit.language))
        case .closed(let end): return response(LinkPages.closed(end, visit.language))
        }
    }

    // MARK: Refusals

    private func notFound(_ visit: Visit) -> Response { response(LinkPages.notFound(visit.language)) }

    /// Like `notFound`, and counted: somebody may be guessing.
    private func stray(_ visit: Visit) -> Response {
        _ = take(\.guesses, visit.client)
        return notFound(visit)
    }

    private func foreign(_ visit: Visit) -> Response {
        response(Page(400, visit.language, Phrases.begunElsewhere, Phrases.begunElsewhereText))
    }

    private func wrongMethod(_ allowed: String, _ visit: Visit) -> Response {
        var response = response(Page(405, visit.language, Phrases.wrongMethod, Phrases.wrongMethodText))
        response.headers[.allow] = allowed
        return response
    }

    private func tooMany(_ wait: Duration, _ visit: Visit) -> Response {
        var response = response(Page(429, visit.language, Phrases.tooMany, Phrases.tooManyText))
        response.headers[.retryAfter] = String(max(1, wait.components.seconds))
        return response
    }

    // MARK: Parts

    private func response(_ page: Page) -> Response { page.response(isSecure: front.isSecure) }

    private func isReading(_ visit: Visit) -> Bool {
        visit.request.method == .get || visit.request.method == .head
    }

    private func take(_ budget: WritableKeyPath<VisitBudgets, RequestBudget> & Sendable, _ client: IPAddress?)
        -> Duration?
    {
        let now = clock.now
        return budgets.withLock { $0[keyPath: budget].take(client, at: now) }
    }

    private func look(_ budget: KeyPath<VisitBudgets, RequestBudget> & Sendable, _ client: IPAddress?) -> Duration? {
        let now = clock.now
        return budgets.withLock { $0[keyPath: budget].look(client, at: now) }
    }
}

/// Where the pages are.
public enum ConsolePath {
    /// What is registered at the provider, behind the public URL.
    public static let callback = "/authorize/callback"

    public static func link(_ link: Secret) -> String { "/authorize/\(link.reveal())" }
    static func result(_ id: String) -> String { "/authorize/result/\(id)" }
}

extension HTTPFields.Element.Name {
    fileprivate static let forwardedFor = Self("X-Forwarded-For")!
    fileprivate static let fetchSite = Self("Sec-Fetch-Site")!
}
