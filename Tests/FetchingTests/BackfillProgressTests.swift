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
        var fast = SliceSize()
        var sizes: [Int] = []
        for _ in 0..<6 {
            sizes.append(fast.count)
            fast.took(.milliseconds(1), for: fast.count)
        }
        #expect(sizes == [50, 200, 800, 3200, 5000, 5000])
        var slow = SliceSize()
        slow.took(.seconds(2), for: 50)
        #expect(slow.count == 125)
        slow.took(.seconds(60), for: 125)
        #expect(slow.count == Limits.firstSlice)
        slow.took(.zero, for: 50)
        #expect(slow.count == 200)
    }

    @Test("counts what two connections do at the same time, each with slices of its own speed")
    func shared() {
        var progress = progress()
        progress.fetched(1000, octets: 0, in: .seconds(10), among: 2)
        #expect(progress.rate == 200 && progress.left == 99_000 && progress.slice.count == 200)
        progress.fetched(10, octets: 0, in: .seconds(10), among: 2, bySecond: true)
        #expect(progress.slice.count == 200)
        progress.gaveUp(10)
        #expect(progress.done == 1000 && progress.left == 99_000)
    }

    @Test("divides what is left among two connections")
    func divided() {
        var slice = SliceSize()
        for _ in 0..<6 { slice.took(.milliseconds(1), for: slice.count) }
        #expect(slice.next(of: 99_000, among: 2) == 5000)
        #expect(slice.next(of: 4000, among: 2) == 1000)
        #expect(slice.next(of: 40, among: 2) == Limits.firstSlice)
        #expect(slice.next(of: 4000, among: 1) == 5000)
    }
}
