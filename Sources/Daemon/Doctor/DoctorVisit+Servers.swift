import Diagnostics
import MailModel
import Sessions
import Transport

/// The way to a server. libcurl goes it once, as for every connection; the three steps tell its parts apart.
extension DoctorVisit {
    func nameLookup(_ service: MailService) async throws -> DoctorFinding {
        let endpoint = endpoint(service)
        let direction = DoctorStep.nameLookup(service).direction
        let trial = try await ground.opener.attempt(service, at: endpoint, of: provider(direction))
        trials[service] = trial
        if trial.stage == .nameLookup, let failure = trial.failure { return .failed(failure) }
        let addresses = trial.tried.isEmpty ? trial.address ?? "known" : trial.tried.joined(separator: ", ")
        guard !trial.isThroughProxy else { return .ok("the proxy is \(addresses); it looks \(endpoint.host) up") }
        return .ok("\(endpoint.host) is \(addresses)")
    }

    func connection(_ service: MailService) -> DoctorFinding {
        guard let trial = trials[service] else { return DoctorVisit.untried }
        // A proxy may answer and lead nowhere.
        let isUnanswered = trial.stage == .connecting || trial.isThroughProxy && trial.connected == nil
        if isUnanswered, let failure = trial.failure { return .failed(failure) }
        let who = "\(trial.address ?? endpoint(service).host) port \(endpoint(service).port)"
        let time = trial.connected.map { " after \($0.inMilliseconds) ms" } ?? ""
        return .ok(trial.isThroughProxy ? "the proxy leads there\(time)" : "\(who) answered\(time)")
    }

    func tls(_ service: MailService) -> DoctorFinding {
        guard let trial = trials[service] else { return DoctorVisit.untried }
        if !trial.isSecure, let failure = trial.failure { return .failed(failure) }
        let certificate = trial.certificate
        let names = certificate.map { ", certificate for \($0.names.joined(separator: ", "))" } ?? ""
        let ends = certificate?.notAfter.map { ", good until \($0)" } ?? ""
        let found = "\(trial.tlsVersion ?? "TLS")\(names)\(ends)"
        guard provider(DoctorStep.tls(service).direction).trust.verifyCertificate else {
            return .warning(
                "\(found); it is not verified: anybody on the way can read tokens and mail",
                next: "Remove `verify_certificate: false`; trust the server's issuer with `ca_file:` instead.")
        }
        if let end = certificate?.notAfter, end < clock.now + Limits.endsSoon {
            let days = max(0, (end - clock.now).components.seconds / 86400)
            return .warning(
                "\(found), which is \(days) days from now",
                next: "Whoever runs \(endpoint(service).host) must renew its certificate.")
        }
        return .ok(found)
    }

    private func endpoint(_ service: MailService) -> Endpoint {
        let endpoint = service == .smtp ? account.send?.endpoint : account.receive?.endpoint
        guard let endpoint else { preconditionFailure("the plan has no step of a server that is not configured") }
        return endpoint
    }

    /// The step before it always leaves one, unless it failed.
    private static let untried = DoctorFinding.skipped("no connection was tried")
}
