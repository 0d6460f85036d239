import Operations

/// What an audit found: numbers, and behind them each difference.
struct AuditListing {
    let lines: [String]

    init(_ report: AuditReport) {
        var lines = AuditListing.numbers(report).lines
        for folder in report.folders {
            for difference in folder.differences {
                lines.append(
                    Printable(
                        "\(folder.name) UID \(difference.uid): \(difference.words): \(difference.done)"
                    ).description)
            }
            if folder.moreDifferences > 0 {
                lines.append(Printable("\(folder.name): and \(folder.moreDifferences) more").description)
            }
            for message in folder.notFetched {
                let reason = message.reason.map { ": \($0)" } ?? ""
                lines.append(
                    Printable("\(folder.name) UID \(message.uid): \(message.state)\(reason)").description)
            }
            if folder.moreNotFetched > 0 {
                lines.append(Printable("\(folder.name): and \(folder.moreNotFetched) more not fetched").description)
            }
        }
        self.lines = lines
    }

    private static func numbers(_ report: AuditReport) -> Table {
        let columns: [(String, KeyPath<AuditReport.Folder, Int>)] = [
            ("ON SERVER", \.listed), ("DELIVERED", \.delivered), ("DUPLICATES", \.duplicates),
            ("TOO LARGE", \.tooLarge), ("SKIPPED", \.skipped), ("DEFERRED", \.deferred),
            ("QUARANTINED", \.quarantined), ("GIVEN UP", \.givenUp), ("STAGED", \.staged), ("WAITING", \.waiting),
            ("ARRIVING", \.arriving),
            ("BEFORE SINCE", \.beforeSince), ("NOT LISTED", \.notListed), ("UNACCOUNTED", \.unaccounted),
        ]
        // A column of zeros says nothing, except of those that are asked for.
        let wanted = columns.filter { title, path in
            ["ON SERVER", "DELIVERED", "UNACCOUNTED"].contains(title)
                || report.folders.contains { $0[keyPath: path] > 0 }
        }
        var table = Table([Table.Column("FOLDER")] + wanted.map { Table.Column($0.0, .right) })
        for folder in report.folders {
            let isAudited = folder.problem == nil
            table.append([folder.name] + wanted.map { isAudited ? String(folder[keyPath: $0.1]) : nil })
        }
        return table
    }
}
