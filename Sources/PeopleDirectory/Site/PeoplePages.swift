/// The pages about people.
enum PeoplePages {
    static func department(_ department: String, _ people: [(id: String, name: String)], viewer: Person, purpose: String) -> HTML {
        let items: [HTML] = people.map { person in
            "<li><a href=\"/people/\(person.id)?purpose=\(purpose)\">\(person.name)</a></li>\n"
        }
        return Layout.page(
            "\(department)", viewer: viewer,
            """
            <form method="get" action="/people">
            <label for="purpose">Why do you open a page?</label>
            <input id="purpose" name="purpose" value="\(purpose)" pattern="[A-Za-z0-9_]+" required> <button>Use this reason</button>
            </form>
            <ul class="plain">
            \(items)</ul>
            """)
    }

    static func person(_ person: Person, viewer: Person, purpose: String) -> HTML {
        Layout.page(
            person.name, viewer: viewer,
            """
            <dl>
            <dt>E-mail</dt><dd><a href="mailto:\(person.email)">\(person.email)</a></dd>
            <dt>Phone</dt><dd>\(person.phone)</dd>
            <dt>Role</dt><dd>\(person.role.rawValue)</dd>
            <dt>Department</dt><dd>\(person.department)</dd>
            </dl>
            <p><a href="/people/\(person.id)/edit?purpose=\(purpose)">Edit</a></p>
            """)
    }

    static func form(_ person: Person, viewer: Person) -> HTML {
        Layout.page(
            "Edit \(person.name)", viewer: viewer,
            """
            <form method="post">
            <label for="name">Name</label><input id="name" name="name" value="\(person.name)" autocomplete="off">
            <label for="email">E-mail</label><input id="email" name="email" type="email" value="\(person.email)" autocomplete="off">
            <label for="phone">Phone</label><input id="phone" name="phone" type="tel" value="\(person.phone)" autocomplete="off">
            <label for="birthday">Birthday</label><input id="birthday" name="birthday" type="date" value="\(person.birthday)">
            <label for="salary">Salary (euros a year)</label><input id="salary" name="salary" value="\(String(person.salary))" inputmode="numeric">
            <label for="department">Department</label><input id="department" name="department" value="\(person.department)">
            </form>
            """)
    }
}
