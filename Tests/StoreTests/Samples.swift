import Diagnostics
import MailModel
import Store
import Testing

extension Timestamp {
    static let epoch = Timestamp(seconds: 1_800_000_000)
}

extension AccountName {
    static let support = AccountName("support")!
    static let info = AccountName("info")!
}

extension ProviderName {
    static let contoso = ProviderName("contoso")!
}

extension DestinationName {
    static let inbox = DestinationName("inbox")!
    static let crm = DestinationName("crm")!
}

/// The same numbers every time in place of random ones, so that a failed test can be run again as it was (SplitMix64).
struct RepeatableGenerator: RandomNumberGenerator {
    var state: UInt64 = 0

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
