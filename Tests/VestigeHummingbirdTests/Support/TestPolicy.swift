import VestigePolicy

/// The policy of the hosts in these tests; which routes they have stands in the test.
enum TestPolicy {
    /// - Parameter routes: One line for each, without indentation.
    static func parse(routes: [String], proxies: String = "[]") throws -> Policy {
        let lines = routes.map { "  - \($0)" }.joined(separator: "\n")
        return try Policy.parse(Array(yaml(routes: lines, proxies: proxies).utf8), file: "test.yaml")
    }

    private static func yaml(routes: String, proxies: String) -> String {
        """
        vestige: 1
        time_zone: Europe/Berlin
        channels: [pii-read, people, hardware]
        purposes:
          support: { title: Answer a "request", dpv: "dpv:CustomerCare", activity: RPA-12 }
          audit: { title: Review, dpv: "dpv:LegalCompliance", activity: RPA-3 }
        actors: { staff: [user], roles: [agent], show: name }
        records:
          user:
            subject: self
            channels: { look: pii-read, change: people }
            fields: { name: { personal: identity }, email: { personal: contact } }
            reads: { log: list, purpose: required, on_failure: refuse }
          hardware:
            id: clear
            channels: { look: pii-read, change: hardware }
            subject: { type: user, from: assigned_to }
            fields: { serial: { personal: no }, assigned_to: { personal: identity } }
            reads: { log: list }
          note:
            channels: { look: pii-read, change: people }
            subject: { type: user, from: author }
            fields: { text: { personal: other }, author: { personal: identity } }
            reads: { log: detail }
        routes:
        \(routes)
        proxies: \(proxies)
        retention:
          default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
          prune_at: "03:00"
        erasure: { actors: { after: 365d, because: "security of processing" }, fence: 90d, approvals: 1 }
        backups: { vault: 35d, keyring: 35d }
        cases: { keep: 3y, because: "limitation period" }
        access:
          rights: [query, record]
          roles: { host: [record] }
          allowed_addresses: [127.0.0.0/8]

        """
    }
}
