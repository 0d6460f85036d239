import MailModel
import Testing

@testable import Fetching

@Suite("How far old mail is fetched") struct BackfillProgressTests {
    private func progress(_ left: Int = 100_000) -> BackfillProgress {
        BackfillProgress(left: left, at: FetchUnderTest.start)
    }

    @Test("is not foreseen before anything was fetched")
    func unknown() {
        #expect(progress().rate == nil)
        #expect(progress().remaining == nil)
    }

    @Test("is foreseen from the rate of late")
    func remaining() {
        var progress = progress()
        progress.fetched(1000, octets: 4_000_000, in: .seconds(10))
        #expect(progress.done == 1000 && progress.left == 99_000 && progress.octets == 4_000_000)
        #expect(progress.rate == 100)
        #expect(progress.remaining == .seconds(990))
        // The server became slow: minutes later that is the rate.
        for _ in 0..<60 { progress.fetched(50, octets: 0, in: .seconds(5)) }
        let rate = progress.rate ?? 0
        #expect(rate > 10 && rate < 11)
    }

    @Test("lets a slice take as long as new mail may wait, whatever the server's speed")
    func slice() {
        var fast = progress()
        var sizes: [Int] = []
        for _ in 0..<6 {
            sizes.append(fast.slice)
            fast.fetched(fast.slice, octets: 0, in: .milliseconds(1))
        }
        #expect(sizes == [50, 200, 800, 3200, 5000, 5000])
        var slow = progress()
        slow.fetched(50, octets: 0, in: .seconds(2))
        #expect(slow.slice == 125)
        slow.fetched(125, octets: 0, in: .seconds(60))
        #expect(slow.slice == Limits.firstSlice)
        slow.fetched(50, octets: 0, in: .zero)
        #expect(slow.slice == 200)
    }

    @Test("counts what two connections do at the same time, and gives each a part of what is left")
    func shared() {
        var progress = progress()
        progress.fetched(1000, octets: 0, in: .seconds(10), among: 2)
        #expect(progress.rate == 200 && progress.left == 99_000)
        // As long as new mail may wait, for each.
        #expect(progress.slice(of: 99_000, among: 1) == 200 && progress.slice(of: 99_000, among: 2) == 200)
        for _ in 0..<4 { progress.fetched(progress.slice, octets: 0, in: .milliseconds(1), among: 2) }
        #expect(progress.slice(of: 99_000, among: 2) == 5000)
        #expect(progress.slice(of: 4000, among: 2) == 1000)
        #expect(progress.slice(of: 40, among: 2) == Limits.firstSlice)
        #expect(progress.slice(of: 4000, among: 1) == 5000)
    }
}
