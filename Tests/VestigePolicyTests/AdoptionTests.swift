import Testing
import VestigePolicy

@Suite("From one policy to the next")
struct AdoptionTests {
    static let example = "Policies/people-directory.yaml"

    /// What becomes weaker when `new` stands where `old` stood in the people directory.
    private func weakened(_ old: String, _ new: String) throws -> [String] {
        let text = String(decoding: try PolicyFiles.bytes(Self.example), as: UTF8.self)
        try #require(text.contains(old))
        return try parse(text.replacing(old, with: new, maxReplacements: 1)).weakenings(from: parse(text))
    }

    @Test(
        "each loosened rule is named",
        arguments: [
            ("purpose: required, ", "", "records.user.reads.purpose: no longer required"),
            (
                "on_failure: refuse", "on_failure: spool",
                "records.user.reads.on_failure: spool instead of refuse, so data goes out before the trail has the look"
            ),
            ("salary:     { personal: financial }", "salary:     { personal: no }", "records.user.fields.salary: no longer personal"),
            (
                "      role:       {", "      wage: { personal: no }\n      role:       {",
                "records.user.fields.wage: no longer personal, which it was as long as it was not declared"
            ),
            (
                "phone:      { personal: contact }", "phone:      { personal: contact, searchable: true }",
                "records.user.fields.phone: searchable from now on"
            ),
            (
                "record: user,     event: read }", "unlogged: nobody asked }",
                "route \"GET /people/{id}/edit\": no longer logged (nobody asked)"
            ),
            (
                "record: user,     event: read }", "record: user,     event: requested }",
                "route \"GET /people/{id}/edit\": read becomes requested, which no longer counts as a look"
            ),
            ("email, phone, role", "email, role", "route \"GET /people/{id}\": no longer names the fields phone"),
            ("keep: 365d,", "keep: 2y,", "retention.default: kept for 731d instead of 365d"),
            (
                "keep: 180d,", "keep: 90d,",
                "retention.channels.auth: kept for 90d instead of 180d, so older entries go with the next nightly run"
            ),
            (
                "prune_at:", "archive: { keep: 2y, because: claims }\n  prune_at:",
                "retention.archive: what is pruned is kept in files for 731d"
            ),
            ("fence: 90d", "fence: 30d", "erasure.fence: erased ids are recognised for 30d instead of 90d"),
            ("after: 365d", "after: 2y", "erasure.actors: acting keys of erased staff stay 731d instead of 365d"),
            ("vault: 35d", "vault: 60d", "backups.vault: kept for 60d instead of 35d, so erased keys last longer there"),
            ("admin:   [query,", "admin:   [query, resolve,", "access.roles.admin: gains resolve"),
            ("host:    [record]", "host:    [record]\n    guest: [query]", "access.roles.guest: new, with query"),
            ("127.0.0.0/8", "10.0.0.0/8", "access.allowed_addresses: 10.0.0.0/8 may ask now"),
            ("127.0.0.1/32", "127.0.0.0/24", "proxies: 127.0.0.0/24 is believed now about the address of a request"),
            ("keep: 3y", "keep: 4y", "cases.keep: kept for 1461d instead of 1096d"),
        ])
    func named(old: String, new: String, line: String) throws {
        #expect(try weakened(old, new) == [line])
    }

    @Test("looks that are no longer logged are named")
    func unlogged() throws {
        let old = try parse(minimal(reads: "{ log: list }"))
        #expect(try parse(minimal(reads: "{ log: none }")).weakenings(from: old) == ["records.user.reads.log: looks are no longer logged"])
        #expect(try parse(minimal()).weakenings(from: old) == ["records.user.reads.log: list pages are no longer logged"])
    }

    @Test("a record about nobody, with ids in clear, is named twice")
    func aboutNobody() throws {
        let new = try parse(minimal(subject: "none\n    id: clear"))
        #expect(
            try new.weakenings(from: parse(minimal())) == [
                "records.user.id: ids stand in clear in headers from now on", "records.user.subject: about nobody from now on, was self",
            ])
    }

    @Test("fewer approvals, a lifted ceiling and names instead of pseudonyms are named")
    func clinic() throws {
        let text = String(decoding: try PolicyFiles.bytes("Policies/clinic.yaml"), as: UTF8.self)
        let looser = text.replacing("approvals: 2", with: "approvals: 1").replacing("  ceiling: 5y\n", with: "")
            .replacing("show: pseudonym", with: "show: name")
        #expect(
            try parse(looser).weakenings(from: parse(text)) == [
                "retention.ceiling: no longer set, was 1827d", "erasure.approvals: 1 instead of 2",
                "actors.show: names instead of pseudonyms",
            ])
    }

    @Test("a new identity provider, another claim and further people with a role are named")
    func issuer() throws {
        let text = String(decoding: try PolicyFiles.bytes(Self.example), as: UTF8.self)
        func with(_ claim: String, _ roles: String) throws -> Policy {
            try parse(
                text + "  oidc: { issuer: \"https://login.example.org\", audience: vestige, claim: \(claim), roles: [\(roles)] }\n")
        }
        let old = try with("groups", "{ value: revision, role: auditor }")
        #expect(
            try old.weakenings(from: parse(text)) == ["access.oidc: tokens of https://login.example.org are believed from now on"])
        #expect(
            try with("roles", "{ value: revision, role: auditor }, { value: board, role: dpo }").weakenings(from: old) == [
                "access.oidc.claim: roles says now what somebody may", "access.oidc.roles: whoever has \"board\" is dpo now",
            ])
        #expect(try parse(text).weakenings(from: old).isEmpty)
    }

    @Test("an archive that is kept longer, shorter or no longer is named")
    func archive() throws {
        func policy(_ keep: String?) throws -> Policy {
            try parse(minimal("retention: { prune_at: \"03:00\"\(keep.map { ", archive: { keep: \($0), because: claims }" } ?? "") }\n"))
        }
        let two = try policy("2y")
        #expect(try policy("3y").weakenings(from: two) == ["retention.archive: kept for 1096d instead of 731d"])
        #expect(
            try policy("365d").weakenings(from: two) == [
                "retention.archive: kept for 365d instead of 731d, so older files go with the next nightly run"
            ])
        #expect(try policy(nil).weakenings(from: two) == ["retention.archive: no longer set, so nothing is kept of what is pruned"])
        #expect(try policy("2y").weakenings(from: two).isEmpty)
    }

    @Test("the other way round nothing is weaker, but it is different")
    func stricter() throws {
        let strict = try parse(minimal("purposes: { support: { title: Help } }", reads: "{ log: list, purpose: required }"))
        let loose = try parse(minimal("purposes: { support: { title: Help } }", reads: "{ on_failure: spool }"))
        #expect(strict.weakenings(from: loose).isEmpty)
        #expect(
            strict.differences(from: loose) == [
                "changed records.user.reads.log: detail -> list", "changed records.user.reads.purpose: optional -> required",
                "changed records.user.reads.on_failure: spool -> refuse",
            ])
    }

    @Test("a default that is written out and a comment are no difference")
    func sameMeaning() throws {
        let written = try parse(minimal("time_zone: UTC # as before\nerasure: { fence: 90d, approvals: 1 }\nbackups: { vault: 35d }"))
        #expect(try written.differences(from: parse(minimal())).isEmpty)
        #expect(try written.weakenings(from: parse(minimal())).isEmpty)
    }

    @Test("what was added and removed is shown with its text")
    func addedAndRemoved() throws {
        let old = try parse(minimal("recipients: { bureau: { title: Bureau } }"))
        let new = try parse(minimal("purposes: { support: { title: Help } }"))
        #expect(new.differences(from: old) == ["added purposes.support.title: Help", "removed recipients.bureau.title: Bureau"])
    }

    @Test("no example is weaker than itself, nor different", arguments: PolicyFiles.examples)
    func itself(name: String) throws {
        let policy = try PolicyFiles.example(name)
        #expect(policy.weakenings(from: policy).isEmpty && policy.differences(from: policy).isEmpty)
    }
}
