/// `external` actors are staff: their acting keys wait for two days.
let killPolicy = """
    vestige: 1
    time_zone: Europe/Berlin
    channels: [pii-read, work]
    purposes:
      support: { title: Support, dpv: "dpv:CustomerCare", activity: RPA-1 }
    actors: { staff: [external], roles: [agent], show: name }
    records:
      user:
        subject: self
        channels: { look: pii-read, change: work }
        fields: { name: { personal: identity }, email: { personal: contact, searchable: true } }
        reads: { log: detail }
      external:
        subject: self
        channels: { look: pii-read, change: work }
        fields: { name: { personal: identity }, email: { personal: contact, searchable: true } }
        reads: { log: detail }
      note:
        channels: { look: pii-read, change: work }
        subject: { type: user, from: owner }
        fields: { owner: { personal: identity } }
        reads: { log: detail }
    retention:
      default: { keep: 365d, because: "CNIL 2021-122: 6 to 12 months" }
      prune_at: "03:00"
    erasure: { actors: { after: 2d, because: "security" }, fence: 90d, approvals: 1 }
    backups: { vault: 35d, keyring: 35d }
    cases: { keep: 3y, because: "limitation period" }
    access:
      rights: [query, record]
      roles: { host: [record] }
      allowed_addresses: [127.0.0.0/8]
    """
