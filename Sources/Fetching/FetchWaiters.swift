import Diagnostics

/// Who waits for a turn that begins after they asked, and for the messages that wait behind it.
struct FetchWaiters {
    typealias Answer = CheckedContinuation<Result<ReceiveStatus.Turn, Failure>, Never>

    private var asked: [Answer] = []
    private var served: [(answer: Answer, turn: ReceiveStatus.Turn)] = []

    var isEmpty: Bool { asked.isEmpty && served.isEmpty }

    mutating func add(_ answer: Answer) { asked.append(answer) }

    /// Those who ask from here on are told of the next turn: this one may be past their mail already.
    mutating func turnBegan(_ turn: ReceiveStatus.Turn) {
        served += asked.map { ($0, turn) }
        asked = []
    }

    /// Adds what a turn, or messages behind it, brought.
    mutating func note(_ result: FolderVisit.Result, until now: Timestamp) {
        for index in served.indices { served[index].turn.add(result, until: now) }
    }

    /// Everything that was there is fetched.
    mutating func done() {
        for (answer, turn) in served { answer.resume(returning: .success(turn)) }
        served = []
    }

    /// Nothing more comes for now.
    mutating func failed(_ failure: Failure) {
        for (answer, _) in served { answer.resume(returning: .failure(failure)) }
        served = []
    }

    /// Nobody will run another turn.
    mutating func end(with failure: Failure) {
        turnBegan(ReceiveStatus.Turn(at: Timestamp(seconds: 0)))
        failed(failure)
    }
}
