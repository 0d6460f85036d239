import Operations

/// What doctor found: one line a step, and below those that are not ok the cause and what to do next.
struct DoctorListing {
    let lines: [String]

    init(_ report: DoctorReport) {
        let names = report.steps.map { [DoctorListing.names[$0.step] ?? $0.step, $0.of].compactMap(\.self) }
            .map { $0.joined(separator: " ") }
        let width = names.map(\.count).max() ?? 0
        lines = zip(report.steps, names).flatMap { step, name in
            let padding = String(repeating: " ", count: width - name.count)
            let verdict = step.outcome.rawValue + String(repeating: " ", count: 7 - step.outcome.rawValue.count)
            let isFine = step.outcome == .ok || step.outcome == .skipped
            let head = "\(verdict)  \(name)"
            guard !isFine else { return [Printable("\(head)\(padding)  \(step.found)").description] }
            return [Printable(head).description] + DoctorListing.details(step)
        }
    }

    private static func details(_ step: DoctorReport.Step) -> [String] {
        let rows = [
            ("cause", step.found), ("server", step.problem?.serverLine), ("means", meaning(step)),
            ("who acts", step.problem?.explanation?.actor.title), ("next", step.nextStep),
            ("then", step.problem?.explanation?.howToSee),
        ]
        return rows.compactMap { name, text in
            text.map {
                Printable("         \(name)\(String(repeating: " ", count: 10 - name.count))\($0)").description
            }
        }
    }

    /// What the explanation says happened, unless the cause says it already.
    private static func meaning(_ step: DoctorReport.Step) -> String? {
        step.problem?.explanation.flatMap { explanation in
            step.found.hasPrefix(explanation.happened.dropLast()) ? nil : explanation.happened
        }
    }

    /// Where people have other words than JSON.
    private static let names = [
        "dns": "DNS", "tcp": "TCP", "tls": "TLS", "mailbox_sign_in": "mailbox sign-in",
        "exchange_settings": "Exchange settings", "submission_sign_in": "SMTP sign-in", "sender": "MAIL FROM",
        "test_mail": "test mail sent", "test_mail_received": "test mail in INBOX",
        "test_mail_filed": "test mail in Sent",
    ]
}
