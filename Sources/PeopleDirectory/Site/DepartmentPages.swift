import Foundation

/// The pages about many people.
enum DepartmentPages {
    static func contacts(_ department: String, _ people: [Person], page: Int, viewer: Person, purpose: String) -> HTML {
        let isLast = people.count < DepartmentRoutes.contactCountMax
        let next: HTML = isLast ? "" : "<p>\(link(department, page: page + 1, purpose: purpose, "Next page"))</p>"
        return Layout.page("Contacts, \(department)", viewer: viewer, "\(table(people, purpose: purpose))\n\(next)")
    }

    static func found(_ people: [Person], viewer: Person, purpose: String) -> HTML {
        Layout.page("Contacts", viewer: viewer, people.isEmpty ? "<p>Nobody has this address.</p>" : table(people, purpose: purpose))
    }

    private static func table(_ people: [Person], purpose: String) -> HTML {
        let rows: [HTML] = people.map { person in
            "<tr><td><a href=\"/people/\(person.id)?purpose=\(purpose)\">\(person.name)</a></td><td>\(person.email)</td><td>\(person.phone)</td></tr>\n"
        }
        return """
            <table>
            <thead><tr><th scope="col">Name</th><th scope="col">E-mail</th><th scope="col">Phone</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            """
    }

    /// For those who may open everything: whose address is this?
    static func search(purpose: String) -> HTML {
        """
        <form method="post" action="/contacts?purpose=\(purpose)">
        <label for="email">Whose address is this?</label><input id="email" name="email" type="email" required> <button>Find</button>
        </form>
        """
    }

    static func link(_ department: String, page: Int, purpose: String, _ text: String) -> HTML {
        let place = department.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return "<a href=\"/contacts?department=\(place)&amp;page=\(String(page))&amp;purpose=\(purpose)\">\(text)</a>"
    }

    /// For managers: what they may do with a whole department.
    static func tools(_ department: String, purpose: String) -> HTML {
        """
        <h2>The whole department</h2>
        <form method="post" action="/departments/move?purpose=\(purpose)">
        <input type="hidden" name="from" value="\(department)">
        <label for="to">Moves to the department</label><input id="to" name="to" required>
        <p><button>Move everybody</button></p>
        </form>
        <p><a href="/exports/people.csv?purpose=\(purpose)">Everybody in the directory, as a file</a></p>
        """
    }
}
