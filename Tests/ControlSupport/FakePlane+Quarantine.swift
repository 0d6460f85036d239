import Diagnostics
import MailModel
import Operations

extension FakePlane {
    public func quarantine(_ account: AccountName?, after id: Int64?, limit: Int) async throws -> QuarantinePage {
        _ = try note("quarantine \(account?.text ?? "all")")
        return id == nil ? QuarantinePage(messages: [.stub], next: "7") : QuarantinePage(messages: [])
    }

    public func quarantined(_ id: Int64) async throws -> QuarantinedMessage {
        _ = try note("quarantined \(id)")
        guard id == 7 else { throw Problem.notFound("no message in quarantine has the id \(id)") }
        return .stub
    }

    public func perform(_ order: QuarantineOrder, on id: Int64) async throws {
        _ = try await quarantined(id)
        _ = try note("\(order.rawValue) \(id)")
    }
}
