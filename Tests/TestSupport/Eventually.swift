/// Waits for something that happens beside the test. How long it takes depends on the machine, the outcome does not: three minutes at most.
public func eventually(_ isSo: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(180)
    while ContinuousClock.now < end {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return try await isSo()
}
