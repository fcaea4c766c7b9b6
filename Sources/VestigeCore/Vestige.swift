/// The name under which a host opens Vestige: `try await Vestige.open(directory, policy: file)`.
///
/// Declared here and extended by the module that wires a storage engine (VestigeLocal for one data directory), so that
/// nothing can be opened that has not passed its start-up checks.
public enum Vestige {
    /// Version of the program and of its formats' writers.
    public static let version = "0.1.0"
}
