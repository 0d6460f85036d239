import Diagnostics
import MailModel

/// Which of an app's proofs of itself (client secrets, certificates) its provider accepts. Facts in, what to try first and what
/// to tell out; no clock, no log.
struct ClientProofs: Sendable {
    /// One way to prove the app: a secret, or a certificate with one of the ways to sign.
    struct Way: Hashable, Sendable {
        /// Which of the secrets or certificates.
        var item: Int
        var algorithm: JSONWebToken.Algorithm?
    }

    /// What one request showed.
    struct Use: Sendable {
        /// The way that was accepted, whatever became of the request; `nil`: none was, or nobody knows.
        var accepted: Int?
        /// Those that were refused, or could not be used, by the way.
        var refused: [Int: Failure] = [:]
    }

    enum State: Hashable, Sendable {
        /// The provider accepted it last.
        case inUse
        /// The provider refused it, or it cannot be used.
        case refused(Failure)
        /// It is tried when the other one is refused.
        case spare
    }

    private let ways: [Way]
    private var accepted: Int?
    private var refused: [Int: Failure] = [:]
    private var told: Set<Int> = []

    init(_ provider: Provider) { ways = provider.proofWays }

    /// The way to begin with.
    var preferred: Int { accepted ?? 0 }

    /// - Returns: the secrets or certificates that are found dead only now, while another one works.
    mutating func note(_ use: Use) -> [Int] {
        for (way, failure) in use.refused {
            refused[way] = failure
            if accepted == way { accepted = nil }
        }
        if let way = use.accepted {
            accepted = way
            refused[way] = nil
        }
        guard accepted != nil else { return [] }
        defer { told = Set(dead) }
        return dead.filter { !told.contains($0) }
    }

    subscript(item: Int) -> State {
        if let accepted, ways.indices.contains(accepted), ways[accepted].item == item { return .inUse }
        let own = ways.indices.filter { ways[$0].item == item }
        // A certificate is dead when it was refused in all the ways it can sign.
        guard !own.isEmpty, own.allSatisfy({ refused[$0] != nil }), let failure = own.first.flatMap({ refused[$0] })
        else { return .spare }
        return .refused(failure)
    }

    private var dead: [Int] {
        Set(ways.map(\.item)).filter { if case .refused = self[$0] { true } else { false } }.sorted()
    }
}

extension Provider {
    /// All ways in which the app can prove itself, in the order in which they are tried; empty for a public client.
    var proofWays: [ClientProofs.Way] {
        switch authentication {
        case .none: []
        case .secrets(let secrets): secrets.indices.map { ClientProofs.Way(item: $0) }
        case .certificates(let pairs):
            pairs.indices.flatMap { item in
                ClientAssertion.algorithms.map { ClientProofs.Way(item: item, algorithm: $0) }
            }
        }
    }
}
