public import VestigePolicy

/// The directory's policy as text, so that the demo needs no file beside the program. `Policies/people-directory.yaml` is the same text;
/// a test compares the two.
public enum DirectoryPolicy {
    /// For messages about ``yaml``.
    public static let fileName = "Policies/people-directory.yaml"

    /// - Throws: `PolicyError`, should the text be wrong.
    public static func parsed() throws -> Policy {
        try Policy.parse(Array(yaml.utf8), file: fileName)
    }

    public static let yaml = """
        # The policy of the example host (`vestige demo`): a company's people directory with the hardware that people hold.
        # yaml-language-server: $schema=schema.json
        vestige: 1
        time_zone: Europe/Berlin
        channels: [pii-read, auth, security, people, hardware]

        purposes:
          support:   { title: Answer a support request,       dpv: "dpv:CustomerCare",             activity: RPA-12 }
          payroll:   { title: Run the payroll,                dpv: "dpv:PersonnelPayment",         activity: RPA-4 }
          inventory: { title: Keep the hardware inventory,    dpv: "dpv:OrganisationGovernance",   activity: RPA-9 }
          audit:     { title: Review of the trail,            dpv: "dpv:LegalCompliance",          activity: RPA-3 }
          own:       { title: Look at one's own record,       dpv: "dpv:FulfilmentOfObligation",   activity: RPA-12 }

        recipients:
          payroll-gmbh: { title: Payroll GmbH, country: DE }

        actors:
          staff: [user]
          roles: [agent, manager, admin]
          show: name

        actions:
          auth.sign_in:        { channel: auth, event: signed_in }
          auth.sign_in_failed: { channel: auth, event: sign_in_failed }
          auth.sign_out:       { channel: auth, event: signed_out }
          security.role_changed: { channel: security, event: role_changed }

        records:
          user:
            subject: self
            channels: { look: pii-read, change: people }
            fields:
              name:       { personal: identity }
              email:      { personal: contact, searchable: true }
              phone:      { personal: contact }
              birthday:   { personal: identity }
              salary:     { personal: financial }
              role:       { personal: no }
              department: { personal: no }
            reads: { log: list, purpose: required, on_failure: refuse }      # lists of people leave one entry a page
            details: { rows: number, export_format: [csv, json] }
          hardware:
            id: clear
            channels: { look: pii-read, change: hardware }
            subject: { type: user, from: assigned_to }
            fields:
              serial:      { personal: no }
              model:       { personal: no }
              assigned_to: { personal: identity }
            reads: { log: detail }

        routes:
          # Looks: one entry each, durable before the page goes out.
          - { match: "GET /people/{id}",         record: user,     event: read, fields: [name, email, phone, role, department] }
          - { match: "GET /people/{id}/edit",    record: user,     event: read }      # opening the form is a look
          - { match: "GET /contacts",            record: user,     event: read }      # a list: one entry with everybody on the page
          - { match: "POST /contacts",           record: user,     event: read }      # a search by e-mail, which is sent in a form
          - { match: "GET /exports/people.csv",  record: user,     event: exported }  # streamed: one entry for each page of it
          - { match: "GET /hardware/{id}",       record: hardware, event: read, fields: [serial, model, assigned_to], subject: from_store }
          - { match: "GET /hardware/{id}/edit",  record: hardware, event: read, subject: from_store }
          # Changes: one entry each, committed with the change itself.
          - { match: "POST /people/{id}",        record: user,     event: updated }
          - { match: "POST /people/{id}/role",   record: user,     event: role_changed }
          - { match: "POST /people/{id}/remove", record: user,     event: deleted }
          - { match: "POST /departments/move",   record: user,     event: updated }   # one entry with everybody who moves
          - { match: "POST /hardware/{id}",      record: hardware, event: updated, subject: from_store }
          # Nobody's record.
          - { match: "GET /people",              unlogged: "names of the team only, no record opened" }
          - { match: "GET /hardware",            unlogged: "serial numbers and models only, nobody named" }
          - { match: "GET /",                    unlogged: "the start page shows nobody's data" }
          - { match: "GET /sign-in",             unlogged: "the empty form" }
          - { match: "POST /sign-in",            unlogged: "discloses nothing; the handler records auth.sign_in itself" }
          - { match: "POST /sign-out",           unlogged: "discloses nothing; the handler records auth.sign_out itself" }

        proxies: [127.0.0.1/32]

        retention:
          default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
          channels:
            auth: { keep: 180d, because: "sign-ins are of use for detecting intrusions, which are found within months" }
          prune_at: "03:00"

        erasure:
          actors: { after: 365d, because: "security of processing, Art. 5(2), 32; 17(3)(b)" }
          fence: 90d
          approvals: 1

        backups: { vault: 35d, keyring: 35d }
        cases: { keep: 3y, because: "limitation period, Sections 195, 199 BGB" }

        access:
          rights: [query, open-actors, open-subjects, resolve, export, verify, rights, record]
          roles:
            admin:   [query, open-actors, export]
            auditor: [query, open-actors, export, verify]
            dpo:     [query, open-actors, open-subjects, resolve, export, verify, rights]
            host:    [record]
            self:    []                                # own looks and own acts, nothing else
          allowed_addresses: [127.0.0.0/8]

        """
}
