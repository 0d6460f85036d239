import TestSupport

/// What happens to mailboxes while the server is stopped for it.
enum SoakMove: String, CaseIterable {
    case otherUIDValidity = "another UIDVALIDITY"
    case belowTheCursor = "UIDs start again"
    case underKnownUIDs = "other messages under known UIDs"
    case messagesGone = "messages gone"
    case dragged = "message dragged to another folder"

    func happen(
        to mailbox: SoakMailbox, _ folder: Int, on server: DovecotServer, mail directory: String,
        using generator: inout SeededGenerator
    ) throws {
        let removable = try mailbox.removable(folder, in: directory)
        switch self {
        case .messagesGone:
            let gone = removable.filter { _ in Int.random(in: 0..<3, using: &generator) == 0 }
            try server.lose(gone, of: mailbox.address, folder: mailbox.folders[folder].name)
            for place in gone.reversed() { mailbox.folders[folder].present.remove(at: place) }
        case .dragged:
            guard let place = removable.randomElement(using: &generator) else { return }
            try mailbox.drag(from: folder, place: place, on: server)
        case .otherUIDValidity, .belowTheCursor, .underKnownUIDs:
            try renumber(mailbox, folder, on: server, using: &generator)
        }
    }

    private func renumber(
        _ mailbox: SoakMailbox, _ folder: Int, on server: DovecotServer, using generator: inout SeededGenerator
    ) throws {
        var state = mailbox.folders[folder]
        let count = UInt32(state.present.count)
        let shift = UInt32.random(in: 1...9, using: &generator)
        if self == .underKnownUIDs, state.uidValidity > 0 {
            state.first += shift
        } else if self == .belowTheCursor, state.uidValidity > 0, state.first > count + shift {
            // All of them below what was seen before, so that UIDNEXT goes back.
            state.first -= count + shift
            state.next = 1
        } else {
            state.uidValidity += 1_000 + shift
            state.first = 20_000
            state.next = 1
        }
        state.next = max(state.next, state.first + count) + (self == .underKnownUIDs ? shift : 0)
        mailbox.folders[folder] = state
        try server.renumber(
            mailbox.address, folder: state.name,
            Renumbering(
                uidValidity: state.uidValidity, order: Bool.random(using: &generator) ? .asDelivered : .reversed,
                first: state.first, uidNext: state.next))
    }
}
