/// The entries of explanations.txt. The file says itself how it is written.
struct ExplanationTable: Sendable {
    struct Entry: Sendable {
        var keys: [ExplanationKey]
        var explanation: Explanation
        /// The name of the cure, where several entries have the same one.
        var sharedCure: String?
    }

    private(set) var entries: [Entry] = []
    private(set) var numbers: [Int: Int] = [:]
    /// Keys by their first word, and those that begin with one of several.
    private var byFirstWord: [String: [Place]] = [:]
    private var others: [Place] = []

    /// Where a key is.
    struct Place: Hashable, Comparable {
        var entry: Int
        var key: Int

        static func < (left: Place, right: Place) -> Bool { (left.entry, left.key) < (right.entry, right.key) }
    }

    typealias Match = (entry: Entry, key: ExplanationKey)

    subscript(place: Place) -> Match {
        (entries[place.entry], entries[place.entry].keys[place.key])
    }

    /// The keys whose pattern is in `words`, in the order of the file.
    func matches(in words: [String]) -> [Match] {
        let candidates = Set(words).flatMap { byFirstWord[$0] ?? [] } + others
        return candidates.filter { self[$0].key.position(in: words) != nil }.sorted().map { self[$0] }
    }

    /// Traps when the text is not as it must be: it is part of the program.
    init(_ text: String) {
        var cures: [Substring: Fields] = [:]
        for paragraph in ExplanationTable.paragraphs(of: text) {
            if paragraph.heads.count == 1, paragraph.heads[0].hasPrefix("[cure ") {
                let name = paragraph.heads[0].dropFirst(6).dropLast()
                precondition(cures[name] == nil, "the cure \(name) is there twice")
                cures[name] = paragraph.fields
            } else {
                append(paragraph, cures)
            }
        }
    }

    private mutating func append(_ paragraph: Paragraph, _ cures: [Substring: Fields]) {
        let head = paragraph.heads.first ?? ""
        let fields = paragraph.fields
        let name = fields["cure"]
        let cure = name.map { cures[$0[...]] ?? [:] } ?? fields
        guard let actor = fields["who"].flatMap(Explanation.Actor.init), let happened = fields["what"],
            let toDo = cure["do"], let howToSee = cure["see"], name == nil || fields["do"] == nil
        else { fatalError("explanations.txt: the entry “\(head)” lacks a part") }
        let keys = paragraph.heads.map { text in
            guard let key = ExplanationKey(String(text)) else {
                fatalError("explanations.txt: “\(text)” is no key")
            }
            return key
        }
        for number in keys.compactMap(\.number) {
            precondition(numbers[number] == nil, "explanations.txt: AADSTS\(number) is there twice")
            numbers[number] = entries.count
        }
        let explanation = Explanation(
            key: keys[0].text, actor: actor, happened: happened, toDo: toDo, howToSee: howToSee)
        for (index, key) in keys.enumerated() where key.kind != .aadsts {
            let place = Place(entry: entries.count, key: index)
            if let word = key.firstWord { byFirstWord[word, default: []].append(place) } else { others.append(place) }
        }
        entries.append(Entry(keys: keys, explanation: explanation, sharedCure: name))
    }

    // MARK: Lines

    private typealias Fields = [String: String]

    private struct Paragraph {
        var heads: [Substring] = []
        var fields: Fields = [:]
    }

    private static let names = ["who", "what", "do", "see", "cure"]

    private static func paragraphs(of text: String) -> [Paragraph] {
        var all: [Paragraph] = []
        var present = Paragraph()
        var open: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) where line.first != "#" {
            if line.isEmpty {
                if !present.heads.isEmpty { all.append(present) }
                present = Paragraph()
                open = nil
            } else if line.first == " ", let name = open {
                present.fields[name]? += " " + line.drop { $0 == " " }
            } else if let name = names.first(where: { line.hasPrefix($0 + ": ") }) {
                present.fields[name] = String(line.dropFirst(name.count + 2))
                open = name
            } else {
                present.heads.append(line)
            }
        }
        if !present.heads.isEmpty { all.append(present) }
        return all
    }
}
