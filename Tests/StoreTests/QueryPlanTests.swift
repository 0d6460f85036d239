import TestSupport
import Testing

@testable import Store

/// SQLite has no statistics of the file: where a statement does not say so, it may walk through all messages of a folder.
@Suite("What is asked at each visit or for each message") struct QueryPlanTests {
    private func plan<each Value: ColumnValue>(
        _ statement: String, _ values: repeat each Value
    ) throws -> [String] {
        let temporary = try TemporaryStore()
        let connection = try Connection("\(temporary.directory)/postbote.db", for: .read)
        return try connection.all("EXPLAIN QUERY PLAN \(statement)", repeat each values) { row in
            for _ in 0..<3 { _ = try row.next(Int64.self) }
            return try row.next(String.self)
        }
    }

    @Test("begins with the few rows that are wanted")
    func plans() throws {
        let due = try plan(ServerActionSelection.due, Int64(1), Int64(2), Int64(3), Int64(4), Int64(5), Int64(6))
        #expect(due.first?.contains("server_actions USING INDEX server_actions_due (account=? AND due<?)") == true)
        #expect(due.dropFirst().first?.contains("ledger USING INTEGER PRIMARY KEY") == true, "\(due)")
        let identity = try plan(LedgerSelection.byIdentity, [UInt8](), Int64(1))
        #expect(identity.first?.contains("ledger USING INDEX ledger_identity (identity=?)") == true, "\(identity)")
        let serverID = try plan(LedgerSelection.byServerID, "M1", Int64(1))
        #expect(serverID.first?.contains("ledger USING INDEX ledger_server_id (server_id=?)") == true, "\(serverID)")
        let place = try plan(
            LedgerSelection.place, Int64(1), Int64(2), Int64(3), Int64(4), Int64(0), [UInt8](), Int64(5), [UInt8](),
            [UInt8]())
        #expect(place == ["SEARCH ledger USING INTEGER PRIMARY KEY (rowid=?)"])
        // A page is where the one before ended, without sorting.
        let identities = try plan(LedgerSelection.identities, Int64(1), Int64(2), Int64(3))
        #expect(
            identities == ["SEARCH ledger USING INDEX ledger_uid (folder=? AND (epoch,uid)>(?,?))"], "\(identities)")
    }
}
