import Foundation
public import VestigeCore
import VestigeCrypto
import VestigePolicy
public import VestigeTrail
public import VestigeVault

/// What somebody is told of the looks at themselves (GDPR Art. 15; CJEU C-579/21): day and purpose, and to whom their data went (C-154/21). Who of
/// the staff it was is not told; that takes a decision that weighs both sides.
public struct OwnLook: Sendable, Equatable {
    public enum Viewer: String, Sendable {
        case oneself = "you"
        case staff = "authorised staff member"
        case system = "automated process"
        case other = "authorised person"
    }

    /// In the policy's time zone, `2026-05-04`: a day, since a time could tell who it was.
    public let day: String
    public let event: String
    public let by: Viewer
    /// As the policy words it.
    public let purpose: String?
    /// The recipient's name, for exports and shares.
    public let recipient: String?
}

/// What somebody did themselves.
public struct OwnAct: Sendable, Equatable {
    public let occurredAt: Timestamp
    public let action: String
    public let status: String
    public let purpose: String?
    /// The kind of record; which one it was may be somebody else's.
    public let record: String?
}

public struct OwnPage<Item: Sendable>: Sendable {
    /// Newest first.
    public let items: [Item]
    /// Where the next page begins; `nil` on the last one.
    public let cursor: EntryCursor?
}

/// What somebody asks about themselves. A cursor belongs to one of these and names nobody; whose pages it leads through the credential says.
private enum OwnQuestion {
    static let looks = "own_looks"
    static let acts = "own_acts"
}

extension Inquiry {
    /// The looks at somebody that disclosed something, as they may see them themselves. Asking is an entry of their own, under their own key.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func ownLooks(of person: SubjectID, as actor: AuditActor, limit: Int, cursor: EntryCursor?) async throws -> OwnPage<OwnLook> {
        try cursor?.check(asked(OwnQuestion.looks))
        return try await answering {
            let page = try await own(OwnQuestion.looks, [Term(.lookedAt, try await subject(person))], limit, cursor) { header in
                header.status == .success || header.status == .warning
            }
            try await noteOwn(OwnQuestion.looks, of: person, as: actor, rows: page.items.count)
            return OwnPage(items: page.items.map(look), cursor: page.cursor)
        }
    }

    /// What somebody did, looks at themselves among it.
    ///
    /// - Throws: ``InquiryError``; nothing was shown.
    public func ownActs(of person: SubjectID, as actor: AuditActor, limit: Int, cursor: EntryCursor?) async throws -> OwnPage<OwnAct> {
        try cursor?.check(asked(OwnQuestion.acts))
        return try await answering {
            var terms = [Term(.lookedAt, try await subject(person)), Term(.concerned, try await subject(person))]
            var acting: Bytes16?
            if case .active(let pseudonym) = try await vault.standing(of: person, as: .acting) {
                acting = pseudonym
                terms.append(Term(.actor, pseudonym))
            }
            let page = try await own(OwnQuestion.acts, terms, limit, cursor) { [acting] header in
                header.actor.identity == .oneself || (acting != nil && header.actor.pseudonym == acting)
            }
            try await noteOwn(OwnQuestion.acts, of: person, as: actor, rows: page.items.count)
            return OwnPage(
                items: page.items.map {
                    OwnAct(
                        occurredAt: $0.occurredAt, action: $0.action, status: $0.status.rawValue,
                        purpose: $0.purpose.flatMap { policy.purposes[$0]?.title }, record: $0.record?.type)
                }, cursor: page.cursor)
        }
    }

    func subject(_ person: SubjectID) async throws -> Bytes16 {
        guard case .active(let pseudonym) = try await vault.standing(of: person, as: .subject) else {
            throw InquiryError.unavailable("the person is no longer known")
        }
        return pseudonym
    }

    /// Headers alone: nothing is opened.
    private func own(
        _ question: String, _ terms: [Term], _ limit: Int, _ cursor: EntryCursor?, where isWanted: (Header) -> Bool
    ) async throws -> OwnPage<Header> {
        let size = if let cursor { cursor.size } else { try await trail.size() }
        var query = IndexQuery(limit: Inquiry.pageCount)
        query.terms = [terms]
        query.withoutQuestions = true
        query.before = cursor?.before
        query.below = size
        var found: [Header] = []
        while true {
            let page = try await trail.page(query)
            for entry in page {
                guard let body = entry.body else { continue }
                let header = try Header(decoding: body.header)
                guard isWanted(header) else { continue }
                found.append(header)
                guard found.count < limit else {
                    let shown = (cursor?.shown ?? 0) + UInt64(limit)
                    return OwnPage(items: found, cursor: EntryCursor(size: size, before: entry.seq, shown: shown, of: asked(question)))
                }
            }
            guard page.count == query.limit, let last = page.last else { return OwnPage(items: found, cursor: nil) }
            query.before = last.seq
        }
    }

    private func look(_ header: Header) -> OwnLook {
        let viewer: OwnLook.Viewer =
            if header.actor.identity == .oneself {
                .oneself
            } else if header.actor.type == AuditActor.Kind.system.rawValue {
                .system
            } else if policy.isStaff(header.actor.type) {
                .staff
            } else {
                .other
            }
        return OwnLook(
            day: day(of: header.occurredAt), event: header.event, by: viewer,
            purpose: header.purpose.flatMap { policy.purposes[$0]?.title },
            recipient: header.recipient.flatMap { policy.recipients[$0]?.title })
    }

    private func day(of time: Timestamp) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: policy.timeZone) ?? .gmt
        let date = Date(timeIntervalSince1970: Double(time.microseconds) / 1_000_000)
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        func padded(_ number: Int?, _ count: Int) -> String {
            let digits = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - digits.utf8.count)) + digits
        }
        return "\(padded(parts.year, 4))-\(padded(parts.month, 2))-\(padded(parts.day, 2))"
    }

    private func noteOwn(_ question: String, of person: SubjectID, as actor: AuditActor, rows: Int) async throws {
        var entry = BuiltInEntry(action: "audit.\(question)", event: "read", actor: actor)
        entry.subjects = [try await subject(person)]
        entry.isByItsSubject = true
        entry.details["rows"] = .integer(Int64(rows))
        _ = try await recorder.record(entry)
    }
}
