import Diagnostics
import Testing

@testable import postbote

@Suite("What people read")
struct OutputTests {
    @Test("a table is as wide as its widest cells, and nothing hangs off its lines")
    func table() {
        var table = Table([Table.Column("NAME"), Table.Column("N", .right), Table.Column("REST")])
        table.append(["a", "1", nil])
        table.append(["Grüße", "1000", ""])
        #expect(table.lines == ["NAME      N  REST", "a         1  -", "Grüße  1000"])
    }

    @Test("nothing in a cell breaks the table")
    func cells() {
        var table = Table([Table.Column("A"), Table.Column("B")])
        table.append(["x\ny", "\u{1b}[1m"])
        #expect(table.lines[1] == "x\u{FFFD}y  \u{FFFD}[1m")
    }

    @Test(
        "moments are relative",
        arguments: [
            (0, "now"), (1, "in 1 s"), (-1, "1 s ago"), (119, "in 119 s"), (120, "in 2 min"), (-7199, "119 min ago"),
            (7200, "in 2 h"), (172_799, "in 47 h"), (-172_800, "2 d ago"),
        ] as [(Int64, String)])
    func relative(seconds: Int64, text: String) {
        let now = Timestamp(seconds: 1_000_000_000)
        #expect(Wording(now: now).relative(now + .seconds(seconds)) == text)
    }

    @Test(
        "sizes have two or three digits",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9949, "9.9 kB"), (9999, "10 kB"), (123_456, "123 kB"),
            (999_499, "999 kB"), (999_500, "1.0 MB"), (5_000_000_000, "5.0 GB"),
        ] as [(Int64, String)])
    func sizes(octets: Int64, text: String) { #expect(Wording.size(octets) == text) }

    @Test("targets are encoded so that nothing in a value ends it")
    func target() {
        let target = Target("v1", "a/b", query: [("to", "ü+&=# @x"), ("none", nil), ("z", "")])
        #expect(target.description == "/v1/a%2Fb?to=%C3%BC%2B%26%3D%23%20%40x&z=")
    }
}
