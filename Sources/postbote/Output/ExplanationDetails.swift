import Explanations

/// An explanation as people read it: what happened, who acts, what to do, how to see that it worked.
struct ExplanationDetails {
    private let explanation: Explanation
    private let blanks: String

    init(_ explanation: Explanation, indent: Int = 0) {
        self.explanation = explanation
        blanks = String(repeating: " ", count: indent)
    }

    /// - Parameter isSaid: what happened stands in the line before.
    func lines(withoutWhatHappened isSaid: Bool = false) -> [String] {
        let happened = [("what happened", explanation.happened)]
        let rows =
            (isSaid ? [] : happened) + [
                ("who acts", explanation.actor.title), ("what to do", explanation.toDo),
                ("how to see", explanation.howToSee),
            ]
        return [blanks + explanation.key]
            + rows.map { name, text in
                let padding = String(repeating: " ", count: 15 - name.count)
                return Printable("\(blanks)  \(name)\(padding)\(text)").description
            }
    }
}
