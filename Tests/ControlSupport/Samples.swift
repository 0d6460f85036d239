import Diagnostics
import Explanations
import MailModel
import Operations

extension Timestamp {
    /// 2026-11-21T09:30:00Z.
    public static let start = Timestamp(seconds: 1_795_253_400)
}

extension AccountStatus {
    public static let support = AccountStatus(
        name: "support", address: "support@contoso.de",
        receive: DirectionStatus(.ok, since: .start, activity: .idling), send: DirectionStatus(.ok, since: .start),
        lastFetch: .start, lastFetchSeconds: 1.25, nextFetch: .start + .seconds(300),
        mail: Mail(delivered: 1200, tooLarge: 1), queue: Queue(queued: 2),
        tokenValidUntil: .start + .seconds(3600),
        expires: Expiry(what: "client secret of contoso", at: .start + .seconds(86400 * 30)))

    public static let broken: AccountStatus = {
        var status = AccountStatus(
            name: "broken", address: "broken@contoso.de",
            receive: DirectionStatus(
                .needsAuthorization, since: .start, until: .start + .seconds(3600), problem: .expired),
            errors: [.expired])
        status.sendingLogin = "anna@contoso.de"
        status.clientProofs = [
            ClientProof(
                provider: "contoso", name: "client_secrets[0]", place: "the systemd credential contoso-secret",
                state: .refused, expires: .start, problem: .expired),
            ClientProof(
                provider: "contoso", name: "client_secrets[1]", place: "the secret in the file /etc/postbote/new",
                state: .inUse),
        ]
        return status
    }()
}

extension ErrorReport {
    public static let expired = ErrorReport(
        Failure(
            .account, .whenReauthorized, operation: "refresh token",
            reason: "the refresh token has expired: run postbote authorize broken --device",
            serverLine: "AADSTS700082: The refresh token has expired due to inactivity.",
            place: ["provider": "contoso"]), at: .start, explainedWith: .broken)
}

extension ExplanationFacts {
    static let broken: ExplanationFacts = {
        var facts = ExplanationFacts()
        facts[.account] = "broken"
        facts[.authorizedAs] = "broken@contoso.de"
        return facts
    }()
}

extension QueuedMessage {
    public static let deferred = QueuedMessage(
        id: QueueID.sample.description, account: "support", state: .deferred, sender: "support@contoso.de",
        recipientCount: 2,
        octets: 4_200, created: .start, attempts: 1, nextAttempt: .start + .seconds(900),
        reason: "451 4.7.0 Temporary server error", messageID: "<1@contoso.de>")

    public static let detailed: QueuedMessage = {
        var message = deferred
        message.recipients = [
            Recipient(address: "a@example.org", state: .sent, attempts: 1, reply: "250 2.1.5 OK"),
            Recipient(address: "b@example.org", state: .deferred, attempts: 1, reply: "451 4.7.0 Later"),
        ]
        message.history = [
            Attempt(
                number: 1, started: .start, finished: .start + .seconds(2), outcome: "deferred", reply: "451 4.7.0")
        ]
        return message
    }()
}

extension QueueID {
    public static let sample = QueueID("01KAK5RZ7G0001")!
    /// Of a message that has been sent.
    public static let sent = QueueID("01KAK5RZ7G0002")!
}

extension DeliveryKey {
    public static let known = DeliveryKey("000102030405060708090a0b0c0d0e0f")!
}

extension FetchedMessage {
    public static let fetched: FetchedMessage = {
        var message = FetchedMessage(account: "support", folder: "INBOX", uid: 12, state: "delivered", noted: .start)
        message.deliveryKey = DeliveryKey.known.description
        message.octets = 4_200
        message.date = .start
        message.delivered = .start + .seconds(1)
        message.destinations = ["inbox", "crm"]
        message.actions = [
            Action(
                action: "move", to: "archive", origin: "after_fetch", phase: "planned", due: .start + .seconds(600))
        ]
        message.redelivery = Redelivery(ordered: .start, destination: "crm", attempts: 1)
        return message
    }()

    public static let tooLarge: FetchedMessage = {
        var message = FetchedMessage(account: "support", folder: "INBOX", uid: 13, state: "too_large", noted: .start)
        message.reason = "90000000 octets, limit 50000000"
        message.octets = 90_000_000
        return message
    }()
}
