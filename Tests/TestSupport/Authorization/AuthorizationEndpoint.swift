import Diagnostics

/// One request at the authorization server: recorded, decided by the rules, changed by a fault.
struct AuthorizationEndpoint: Sendable {
    let state: Watched<AuthorizationServer.State>
    let options: AuthorizationOptions

    func respond(to request: HTTPRequest) async -> HTTPReply {
        let route = Route(request)
        let (number, fault) = begin(request, route)
        let reply = await reply(to: request, route, number: number, fault: fault)
        if Task.isCancelled { finish(number, .abandoned) }
        return reply
    }

    private func reply(
        to request: HTTPRequest, _ route: Route, number: Int, fault: AuthorizationFault?
    ) async -> HTTPReply {
        switch fault {
        case nil: return .complete(decide(request, route, number: number))
        case .refuse(let error):
            finish(number, .refused(error: error.error, code: error.code))
            if route.endpoint == .authorize { return .complete(Route.redirect(request, error: error)) }
            return .complete(answer(to: error, number: number))
        case .throttled(let wait):
            finish(number, .fault)
            return .complete(throttled(wait))
        case .answer(let answer):
            finish(number, .fault)
            return .complete(answer)
        case .hang:
            // Under way until the client goes; the handler cancels then.
            try? await Gate().passed(within: .seconds(86400))
            return .close
        case .close:
            finish(number, .fault)
            return .close
        case .half: return .half(decide(request, route, number: number))
        case .lost:
            _ = decide(request, route, number: number)
            return .close
        case .held(let gate):
            guard (try? await gate.passed()) != nil else { return .close }
            return .complete(decide(request, route, number: number))
        case .omitting(let names): return .complete(decide(request, route, number: number, omitting: names))
        }
    }

    /// What the rules say, written into the record.
    private func decide(_ request: HTTPRequest, _ route: Route, number: Int, omitting: [String] = []) -> HTTPAnswer {
        let now = options.clock.now
        // A refusal may have changed something too, so it is a result here and no throw.
        let result = state.update { state in
            Result { () throws(EntraError) in
                try route.answer(request, &state, omitting: omitting, now: now)
            }
        }
        switch result {
        case .success(let answer):
            finish(number, .granted)
            return answer
        case .failure(let error):
            finish(number, .refused(error: error.error, code: error.code))
            return self.answer(to: error, number: number)
        }
    }

    private func begin(_ request: HTTPRequest, _ route: Route) -> (number: Int, fault: AuthorizationFault?) {
        state.update { state in
            let subject = state.rules.subject(of: request)
            let others = state.records.count {
                $0.outcome == .underWay && $0.user == subject.user && $0.client == subject.client
            }
            let number = state.records.count
            state.records.append(
                AuthorizationRecord(
                    number: number, endpoint: route.endpoint, grantType: subject.grantType, client: subject.client,
                    user: subject.user, claims: request.form?["claims"], concurrent: others + 1))
            guard let index = state.faults.firstIndex(where: { $0.meets(state.records[number]) }) else {
                return (number, nil)
            }
            return (number, state.faults.remove(at: index).fault)
        }
    }

    private func finish(_ number: Int, _ outcome: AuthorizationRecord.Outcome) {
        state.update { state in
            if state.records[number].outcome == .underWay { state.records[number].outcome = outcome }
        }
    }

    private func answer(to error: EntraError, number: Int) -> HTTPAnswer {
        let body: JSONValue =
            options.dialect == .entra
            ? error.body(number: number, now: options.clock.now)
            : ["error": .text(error.error), "error_description": .text(error.text)]
        return .json(body, status: error.status)
    }

    private func throttled(_ wait: Duration?) -> HTTPAnswer {
        var answer = HTTPAnswer.json(["error": "temporarily_unavailable"], status: 429)
        if let wait { answer.headers.append(("Retry-After", "\(wait.components.seconds)")) }
        return answer
    }
}
