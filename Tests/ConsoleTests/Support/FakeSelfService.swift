import Console
import Diagnostics
import Operations
import Synchronization

/// A daemon that answers the pages as it is told.
final class FakeSelfService: SelfService {
    struct Script: Sendable {
        var look = LinkLook.open(.anna)
        var beginning = LinkBeginning.away(url: "https://login.example/authorize?a=1&b=\"2\"", provider: "Example")
        var answer = LinkAnswer.unknown
        var result: LinkResult?
        var error: (any Error)?
    }

    private struct State {
        var script: Script
        var begun: [String] = []
        var answers: [String] = []
    }

    private let state: Mutex<State>

    init(_ script: Script = Script()) { state = Mutex(State(script: script)) }

    func change(_ body: (inout Script) -> Void) { state.withLock { body(&$0.script) } }

    /// The browsers in which a sign-in was begun.
    var begun: [String] { state.withLock { $0.begun } }
    /// The codes and errors that came back.
    var answers: [String] { state.withLock { $0.answers } }

    private func script(_ note: (inout State) -> Void = { _ in }) throws -> Script {
        let script = state.withLock { state in
            note(&state)
            return state.script
        }
        if let error = script.error { throw error }
        return script
    }

    func look(at link: Secret) async throws -> LinkLook { try script().look }

    func begin(_ link: Secret, in browser: BrowserKey) async throws -> LinkBeginning {
        try script { $0.begun.append(browser.digest) }.beginning
    }

    func finish(_ answer: AuthorizationAnswer, in browser: BrowserKey) async throws -> LinkAnswer {
        try script { state in
            switch answer.result {
            case .code(let code): state.answers.append(code.reveal())
            case .error(let error, let description): state.answers.append("\(error) \(description ?? "")")
            }
        }.answer
    }

    func result(_ id: String, in browser: BrowserKey) async throws -> LinkResult? { try script().result }
}

extension Invitation {
    static let anna = Invitation(
        mailboxes: ["info@contoso.de"], person: "anna@contoso.de", provider: "Microsoft", receives: true, sends: true,
        host: "post", expires: Timestamp(seconds: 1_800_000_000))
}
