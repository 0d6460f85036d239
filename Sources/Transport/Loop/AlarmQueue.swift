/// Which alarm rings next: one deadline per alarm, as a value.
///
/// Each alarm has at most one place in the heap, however often it is set. Setting it later or clearing it, which every
/// read and write does, moves nothing: the place is looked at again when its old time comes.
struct AlarmQueue {
    struct ID: Hashable { fileprivate let slot: Int }

    private struct Slot {
        /// When the alarm shall ring; `nil`: it is not set.
        var deadline: UInt64?
        /// The place in `heap`, and the time it is kept there under: never after `deadline`.
        var place: Int?
        var key: UInt64 = 0
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    private var heap: [Int] = []

    /// When `popDue` should be called next.
    var next: UInt64? { heap.first.map { slots[$0].key } }

    mutating func add() -> ID {
        if let slot = free.popLast() { return ID(slot: slot) }
        slots.append(Slot())
        return ID(slot: slots.count - 1)
    }

    mutating func remove(_ id: ID) {
        if let place = slots[id.slot].place { removeFromHeap(at: place) }
        slots[id.slot] = Slot()
        free.append(id.slot)
    }

    mutating func set(_ id: ID, at deadline: UInt64) {
        slots[id.slot].deadline = deadline
        if let place = slots[id.slot].place {
            guard deadline < slots[id.slot].key else { return }
            slots[id.slot].key = deadline
            siftUp(place)
        } else {
            slots[id.slot].key = deadline
            heap.append(id.slot)
            slots[id.slot].place = heap.count - 1
            siftUp(heap.count - 1)
        }
    }

    mutating func clear(_ id: ID) { slots[id.slot].deadline = nil }

    /// An alarm whose time has come, cleared; `nil` when there is none left.
    mutating func popDue(at now: UInt64) -> ID? {
        while let slot = heap.first, slots[slot].key <= now {
            guard let deadline = slots[slot].deadline else {
                removeFromHeap(at: 0)
                continue
            }
            guard deadline <= now else {
                slots[slot].key = deadline
                siftDown(0)
                continue
            }
            slots[slot].deadline = nil
            removeFromHeap(at: 0)
            return ID(slot: slot)
        }
        return nil
    }

    private mutating func removeFromHeap(at place: Int) {
        slots[heap[place]].place = nil
        let last = heap.removeLast()
        guard place < heap.count else { return }
        heap[place] = last
        slots[last].place = place
        siftUp(place)
        if let place = slots[last].place { siftDown(place) }
    }

    private mutating func siftUp(_ start: Int) {
        var place = start
        while place > 0, slots[heap[place]].key < slots[heap[(place - 1) / 2]].key {
            swapPlaces(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func siftDown(_ start: Int) {
        var place = start
        while true {
            let children = (2 * place + 1)..<min(2 * place + 3, max(2 * place + 1, heap.count))
            guard let least = children.min(by: { slots[heap[$0]].key < slots[heap[$1]].key }),
                slots[heap[least]].key < slots[heap[place]].key
            else { return }
            swapPlaces(place, least)
            place = least
        }
    }

    private mutating func swapPlaces(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        slots[heap[one]].place = one
        slots[heap[other]].place = other
    }
}
