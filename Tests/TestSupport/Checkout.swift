import Foundation

/// Files of the checkout.
public enum Checkout {
    public static func path(_ relative: String) -> String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.deletingLastPathComponent().appendingPathComponent(relative).path
    }
}
