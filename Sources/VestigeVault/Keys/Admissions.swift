import VestigeCrypto

/// One person or record to be admitted.
struct AdmissionRequest: Sendable {
    let name: DirectoryKey
    let subject: SubjectID
    /// For a record handle: the locator of the person whom the record is about, all zero for nobody. `nil` for a person.
    let owner: Bytes16?
    /// False: whom the vault does not know stays unknown.
    var mints = true
}

enum Admission: Sendable {
    case admitted(KeyCache.Person)
    case erased
    /// Only for requests that mint nobody.
    case unknown
}

/// Finds people, and mints those whom the vault does not know.
///
/// Whatever is asked for while a commit is in flight becomes the next commit. Batches run one after another, so within a process nobody is
/// minted twice; between processes the store decides. It runs in a task of its own: a caller who goes away cancels nothing.
actor Admissions {
    private struct Group {
        let requests: [AdmissionRequest]
        let continuation: CheckedContinuation<[Result<Admission, any Error>], Never>
    }

    private let store: any VaultStore
    private let keys: KeyHandling
    private let cache: KeyCache
    private let today: @Sendable () -> Int
    private var waiting: [Group] = []
    private var running = false
    private var settlingCount = 0

    /// Callers who wait, those of the commit in flight among them.
    var pendingCount: Int { waiting.count + settlingCount }

    /// The most people in one commit.
    nonisolated let batchCountMax: Int

    init(store: any VaultStore, keys: KeyHandling, cache: KeyCache, today: @escaping @Sendable () -> Int) {
        self.store = store
        self.keys = keys
        self.cache = cache
        self.today = today
        batchCountMax = min(vaultBatchCountMax, max(1, cache.slab.capacity / 8))
    }

    /// Answers in the order of `requests`, which are at most ``batchCountMax``; whoever was minted is durable by then.
    func admit(_ requests: [AdmissionRequest]) async -> [Result<Admission, any Error>] {
        await withCheckedContinuation { continuation in
            waiting.append(Group(requests: requests, continuation: continuation))
            guard !running else { return }
            running = true
            Task { await run() }
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            var count = 0
            let end = waiting.firstIndex { group in
                count += group.requests.count
                return count > batchCountMax
            }
            let groups = Array(waiting[..<max(1, end ?? waiting.count)])
            waiting.removeFirst(groups.count)
            settlingCount = groups.count
            defer { settlingCount = 0 }
            var batch: [DirectoryKey: AdmissionRequest] = [:]
            for var request in groups.lazy.flatMap(\.requests) {
                let earlier = batch[request.name]
                guard earlier?.owner ?? .zero == .zero else { continue }
                request.mints = request.mints || earlier?.mints == true
                batch[request.name] = request
            }
            let results = await settle(batch)
            for group in groups {
                group.continuation.resume(returning: group.requests.map { results[$0.name] ?? .failure(VaultError.unsettled) })
            }
        }
        running = false
    }

    /// Reads, mints what is missing, and reads again whatever changed meanwhile.
    private func settle(_ batch: [DirectoryKey: AdmissionRequest]) async -> [DirectoryKey: Result<Admission, any Error>] {
        var results: [DirectoryKey: Result<Admission, any Error>] = [:]
        var open = Array(batch.values)
        for await attempt in Attempts() {
            do {
                let ticket = cache.ticket()
                let missing = try await read(open, ticket, &results)
                try await mint(missing, ticket, &results)
            } catch VaultError.kekChanged(let current) {
                do { try keys.useKEK(current) } catch { for request in open { results[request.name] = .failure(error) } }
            } catch VaultError.unsettled {
                // A key was wiped between being made and being wrapped.
            } catch {
                for request in open where results[request.name] == nil { results[request.name] = .failure(error) }
            }
            // A rotation may have given up a KEK between the reading of a row and of its key: read again, at once. One that is lost stays
            // so, and nobody else waits for it.
            for request in open where attempt < Attempts.quickCount - 1 {
                if case .failure(VaultError.kekMissing)? = results[request.name] { results[request.name] = nil }
            }
            open = open.filter { results[$0.name] == nil }
            if open.isEmpty { break }
        }
        return results
    }

    /// Settles everyone who has rows or a fence; returns those who have neither.
    private func read(
        _ requests: [AdmissionRequest], _ ticket: KeyCache.Ticket, _ results: inout [DirectoryKey: Result<Admission, any Error>]
    ) async throws -> [AdmissionRequest] {
        var missing: [AdmissionRequest] = []
        var found: [(request: AdmissionRequest, row: DirectoryRow, pseudonym: Pseudonym)] = []
        for (request, answer) in zip(requests, try await store.directory(requests.map(\.name))) {
            switch answer {
            case .nothing where !request.mints: results[request.name] = .success(.unknown)
            case .nothing: missing.append(request)
            case .fenced(let until) where until < today():
                if request.mints { missing.append(request) } else { results[request.name] = .success(.unknown) }
            case .fenced: results[request.name] = .success(.erased)
            case .row(let row):
                do { found.append((request, row, try keys.pseudonym(of: row))) } catch { results[request.name] = .failure(error) }
            }
        }
        // Two linked names may lead to one pseudonym; the store is asked for it once.
        let pseudonyms = Array(Set(found.lazy.filter { $0.request.owner == nil }.map(\.pseudonym)))
        let rows = pseudonyms.isEmpty ? [] : try await store.keys(pseudonyms)
        let keyRows = Dictionary(zip(pseudonyms, rows), uniquingKeysWith: { first, _ in first })
        cache.makeRoom(for: pseudonyms.count)
        for (request, row, pseudonym) in found {
            do {
                if let owner = request.owner {
                    try await settleHandle(request, row, pseudonym, owner, ticket, &results)
                } else {
                    guard case .some(.some(let keyRow)) = keyRows[pseudonym] else { throw VaultError.rowDamaged("directory") }
                    try settlePerson(request, row, keyRow, ticket, &results)
                }
            } catch {
                results[request.name] = .failure(error)
            }
        }
        return missing
    }

    private func settlePerson(
        _ request: AdmissionRequest, _ row: DirectoryRow, _ keyRow: KeyRow, _ ticket: KeyCache.Ticket,
        _ results: inout [DirectoryKey: Result<Admission, any Error>]
    ) throws(VaultError) {
        guard keyRow.state == .active, let sealed = keyRow.identity, let slot = try keys.load(keyRow, into: cache.slab) else {
            results[request.name] = .success(.erased)
            return
        }
        // Checked on first use: directory row and key row must belong to one person.
        let locator = cache.slab.withKey(slot) { key in
            Result<Bytes16, VaultError> { () throws(VaultError) in
                try Identity(opening: sealed, with: key, keyRow.pseudonym, keyRow.role).locator
            }
        }
        switch locator {
        case nil: return  // wiped meanwhile: read again
        case .success(row.locator):
            let person = KeyCache.Person(pseudonym: keyRow.pseudonym, role: keyRow.role, locator: row.locator, slot: slot)
            if cache.keep(person, name: request.name, ticket: ticket) { results[request.name] = .success(.admitted(person)) }
        default:
            cache.slab.wipe(slot)
            throw .rowDamaged("key")
        }
    }

    private func settleHandle(
        _ request: AdmissionRequest, _ row: DirectoryRow, _ handle: Pseudonym, _ owner: Bytes16, _ ticket: KeyCache.Ticket,
        _ results: inout [DirectoryKey: Result<Admission, any Error>]
    ) async throws {
        var locator = row.locator
        if locator == .zero, owner != .zero {
            if try await store.assign(locator: owner, to: row.key) {
                locator = owner
            } else if case .row(let other) = try await store.directory([row.key])[0], other.locator != .zero {
                locator = other.locator  // somebody else's by now
            } else {
                results[request.name] = .success(.erased)  // the owner was erased since
                return
            }
        }
        let person = KeyCache.Person(pseudonym: handle, role: .recordHandle, locator: locator, slot: nil)
        if cache.keep(person, name: request.name, ticket: ticket) { results[request.name] = .success(.admitted(person)) }
    }

    private func mint(
        _ requests: [AdmissionRequest], _ ticket: KeyCache.Ticket, _ results: inout [DirectoryKey: Result<Admission, any Error>]
    ) async throws {
        guard !requests.isEmpty else { return }
        cache.makeRoom(for: requests.count)
        var people: [KeyCache.Person] = []
        var rows: [MintedKey] = []
        var settled = 0
        // A key that no row and no cache will hold must not stay in the slab.
        defer { for person in people[settled...] { person.slot.map(cache.slab.wipe) } }
        for request in requests {
            let pseudonym = Pseudonym.random()
            let locator = request.owner ?? Bytes16.random()
            let directory = try keys.directoryRow(request.name, leadingTo: pseudonym, locator: locator)
            let slot = request.owner == nil ? try cache.slab.generate() : nil
            people.append(KeyCache.Person(pseudonym: pseudonym, role: request.name.role, locator: locator, slot: slot))
            let key = try slot.map {
                try keys.keyRow(
                    pseudonym, request.name.role, identity: Identity(subject: request.subject, locator: locator), slot: $0, in: cache.slab)
            }
            rows.append(MintedKey(directory: directory, key: key))
        }
        let outcomes = try await store.insert(rows, today: today())
        for (position, outcome) in outcomes.enumerated() {
            settled = position + 1
            let request = requests[position]
            switch outcome {
            case .minted:
                // A void ticket leaves the result open: the rows are read again.
                if cache.keep(people[position], name: request.name, ticket: ticket) {
                    results[request.name] = .success(.admitted(people[position]))
                }
            case .exists: people[position].slot.map(cache.slab.wipe)
            case .fenced:
                // Also a handle whose owner was erased since.
                people[position].slot.map(cache.slab.wipe)
                results[request.name] = .success(.erased)
            }
        }
    }
}
