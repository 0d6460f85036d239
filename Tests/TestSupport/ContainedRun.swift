import CTestSupport

extension Collection where Element == UInt8 {
    /// Whether `run` stands anywhere in here.
    public func contains(run: some Collection<UInt8>) -> Bool {
        let found = withContiguousStorageIfAvailable { whole in
            run.withContiguousStorageIfAvailable { part in
                test_contains(whole.baseAddress, whole.count, part.baseAddress, part.count)
            }
        }
        return (found ?? nil) ?? Array(self).contains(run: Array(run))
    }
}
