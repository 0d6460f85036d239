import Diagnostics

/// What somebody waits for who asks for mail.
public enum FetchWish: Sendable {
    case newMail
    /// Also what waits behind new mail.
    case all
}

/// Who waits for a turn that begins after they asked, and for the messages that wait behind it.
struct FetchWaiters {
    typealias Answer = CheckedContinuation<Result<ReceiveStatus.Turn, Failure>, Never>

    private struct Waiter {
        let answer: Answer
        let wish: FetchWish
        var turn = ReceiveStatus.Turn(at: Timestamp(seconds: 0))
    }

    private var asked: [Waiter] = []
    private var served: [Waiter] = []

    mutating func add(_ answer: Answer, _ wish: FetchWish) { asked.append(Waiter(answer: answer, wish: wish)) }

    /// No folder was looked at yet. Those who ask from here on are told of the next turn: this one may be past their mail.
    mutating func turnBegan(_ turn: ReceiveStatus.Turn) {
        served += asked.map { Waiter(answer: $0.answer, wish: $0.wish, turn: turn) }
        asked = []
    }

    /// Adds what a turn, or messages behind it, brought.
    mutating func note(_ result: FolderVisit.Result, until now: Timestamp) {
        for index in served.indices { served[index].turn.add(result, until: now) }
    }

    /// That much of what was there is fetched.
    mutating func done(_ part: FetchWish) {
        let isDone = { (waiter: Waiter) in part == .all || waiter.wish == .newMail }
        for waiter in served where isDone(waiter) { waiter.answer.resume(returning: .success(waiter.turn)) }
        served.removeAll(where: isDone)
    }

    /// Nothing more comes for now.
    mutating func failed(_ failure: Failure) {
        for waiter in served { waiter.answer.resume(returning: .failure(failure)) }
        served = []
    }

    /// Nobody will run another turn.
    mutating func end(with failure: Failure) {
        turnBegan(ReceiveStatus.Turn(at: Timestamp(seconds: 0)))
        failed(failure)
    }
}
