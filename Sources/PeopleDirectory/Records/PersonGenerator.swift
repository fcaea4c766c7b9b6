/// Makes up the directory's people and devices: the same seed, the same directory.
public struct PersonGenerator: Sendable {
    /// The seed of the demo and of the tests.
    public static let standardSeed: UInt64 = 2026
    public static let personCount = 500
    public static let hardwareCount = 200

    public let seed: UInt64

    public init(seed: UInt64 = PersonGenerator.standardSeed) {
        self.seed = seed
    }

    /// People with the ids `"1"` to `"\(count)"`, no two with one name or one address. One in six is staff, and there is always an admin.
    ///
    /// - Parameter count: 1 to 600: there are some 770 names in all.
    public func people(_ count: Int = PersonGenerator.personCount) -> [MadeUpPerson] {
        var random = SplitMix64(seed: seed)
        let roles = random.shuffled((0..<count).map(Self.role))
        var taken: Set<String> = []
        return (0..<count).map { index in
            var (name, address) = Self.name(&random)
            while !taken.insert(address).inserted { (name, address) = Self.name(&random) }
            return MadeUpPerson(
                id: String(index + 1), name: name, email: "\(address)@example.org", phone: Self.phone(index),
                birthday: Self.birthday(&random), salary: 28_000 + 500 * random.below(120), role: roles[index],
                department: random.pick(Self.departments))
        }
    }

    /// Devices with the ids `"1"` to `"\(count)"`; about one in seven belongs to nobody.
    public func hardware(_ count: Int = PersonGenerator.hardwareCount, for people: [MadeUpPerson]) -> [Hardware] {
        var random = SplitMix64(seed: seed ^ 0x4841_5244_5741_5245)
        return (0..<count).map { index in
            let number = String(random.next() >> 36, radix: 16, uppercase: true)
            let assigned = random.below(7) > 0 ? random.pick(people).id : nil
            return Hardware(
                id: String(index + 1), serial: "HX-" + String(repeating: "0", count: 7 - number.count) + number,
                model: random.pick(Self.models), assignedTo: assigned)
        }
    }

    /// The passphrase with which a made-up person signs in: four words. It stands in no database.
    public func passphrase(for id: String) -> String {
        let place = id.utf8.reduce(seed ^ 0x5041_5353) { ($0 &* 0x100_0000_01B3) ^ UInt64($1) }
        var random = SplitMix64(seed: place)
        return (0..<4).map { _ in random.pick(Self.words) }.joined(separator: "-")
    }

    private static func name(_ random: inout SplitMix64) -> (name: String, address: String) {
        let culture = random.pick(EuropeanNames.cultures)
        let given = random.pick(culture.given)
        let family = random.pick(culture.family)
        return ("\(given.native) \(family.native)", "\(given.latin).\(family.latin)")
    }

    /// In every hundred people: 1 admin, 4 managers, 12 agents.
    private static func role(_ index: Int) -> Role {
        switch index % 100 {
        case 0: .admin
        case 1...4: .manager
        case 5...16: .agent
        default: .member
        }
    }

    /// Numbers that regulators keep free for films and books: they ring nowhere (Ofcom, Bundesnetzagentur, Arcep).
    private static func phone(_ index: Int) -> String {
        let line = String(1000 + index / 3 % 1000).dropFirst()
        return switch index % 3 {
        case 0: "+44 20 7946 0\(line)"
        case 1: "+49 30 23125 \(line)"
        default: "+33 1 99 00 1\(line.first ?? "0") \(line.dropFirst())"
        }
    }

    private static let departments = ["Support", "Billing", "Logistics", "Field service", "Laboratory", "Reception", "Workshop", "Archive"]

    private static func birthday(_ random: inout SplitMix64) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(1958 + random.below(48))-\(two(1 + random.below(12)))-\(two(1 + random.below(28)))"
    }

    private static let models = [
        "Laptop 14", "Laptop 16", "Phone 6", "Tablet 11", "Docking station", "Label printer", "Scanner", "Headset",
    ]

    private static let words = [
        "amber", "anchor", "apple", "arrow", "autumn", "bakery", "barrel", "beacon", "birch", "bridge", "candle", "canyon", "cedar",
        "cloud",
        "copper", "coral", "cradle", "dolphin", "ember", "falcon", "feather", "fiddle", "forest", "garden", "glacier", "granite", "harbor",
        "hazel", "island", "ivory", "jasmine", "juniper", "kettle", "lantern", "lemon", "linen", "magnet", "maple", "marble", "meadow",
        "mirror", "nectar", "oatmeal", "ocean", "orchid", "paddle", "pebble", "pepper", "pigeon", "planet", "quartz", "raven", "ribbon",
        "saddle", "silver", "spruce", "sunset", "thistle", "timber", "tulip", "velvet", "walnut", "willow", "zephyr",
    ]
}
