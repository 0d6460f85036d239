import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func mail(_ question: MailQuestion) async throws -> MailPage {
        _ = try note("mail \(question.account?.text ?? "all") \(question.subject.words) \(question.after ?? 0)")
        guard question.folder != "Nowhere" else { throw Problem.notFound("no such folder") }
        switch question.subject {
        case .messageID(let id) where id.text == "unknown@example.org": return MailPage(messages: [])
        case .key(let key) where key != .known: return MailPage(messages: [])
        case .time:
            return question.after == nil ? MailPage(messages: [.fetched], next: "7") : MailPage(messages: [.tooLarge])
        default: return MailPage(messages: [.fetched])
        }
    }

    public func mail(_ key: DeliveryKey) async throws -> MailDetails {
        _ = try note("mail \(key)")
        guard key == .known else { throw Problem.notFound("no fetched message has the delivery key \(key)") }
        var copy = FetchedMessage.fetched
        copy.files = ["/srv/mail/support/{new,cur}/*.K\(key).*"]
        return MailDetails(deliveryKey: key.description, copies: [copy])
    }

    public func give(
        _ order: MailRequest, on key: DeliveryKey, in folder: String?, wait: Bool
    ) async throws -> MailOrderReport {
        _ = try await mail(key)
        let script = try note("\(order.words) \(folder ?? "all")\(wait ? " and wait" : "")")
        return MailOrderReport(
            deliveryKey: key.description, order: String(order.words.prefix { $0 != " " }),
            copies: [
                MailOrderReport.Copy(
                    account: "support", folder: "INBOX", uid: 12, outcome: wait ? script.mailOutcome : "ordered",
                    problem: wait && script.mailOutcome == "pending" ? .expired : nil)
            ])
    }
}

extension MailQuestion.Subject {
    fileprivate var words: String {
        switch self {
        case .messageID(let id): "id \(id.text)"
        case .key(let key): "key \(key)"
        case .time(let range):
            "time \(range.lowerBound) \(range.upperBound == Timestamp(milliseconds: .max) ? "-" : "\(range.upperBound)")"
        }
    }
}

extension MailRequest {
    fileprivate var words: String {
        switch self {
        case .redeliver(let destination): "redeliver \(destination?.text ?? "-")"
        case .seen: "seen"
        case .move(let target): "move \(target)"
        case .delete: "delete"
        }
    }
}
