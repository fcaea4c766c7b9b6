/// The pages about people.
enum PeoplePages {
    static func department(_ department: String, _ people: [Person], viewer: Person, purpose: String) -> HTML {
        let items: [HTML] = people.map { person in
            "<li><a href=\"/people/\(person.id)?purpose=\(purpose)\">\(person.name)</a></li>\n"
        }
        let contacts: HTML =
            viewer.role.opensEverything
            ? "<p>\(DepartmentPages.link(department, page: 1, purpose: purpose, "With address and phone"))</p>\n\(DepartmentPages.search(purpose: purpose))"
            : ""
        return Layout.page(
            "\(department)", viewer: viewer,
            """
            <form method="get" action="/people">
            <label for="purpose">Why do you open a page?</label>
            <input id="purpose" name="purpose" value="\(purpose)" pattern="[A-Za-z0-9_]+" required> <button>Use this reason</button>
            </form>
            <ul class="plain">
            \(items)</ul>
            \(contacts)
            \(viewer.role.managesPeople ? DepartmentPages.tools(department, purpose: purpose) : "")
            """)
    }

    static func person(_ person: Person, viewer: Person, purpose: String) -> HTML {
        let changes = viewer.id == person.id ? "" : changes(person, viewer: viewer, purpose: purpose)
        return Layout.page(
            "\(person.name)", viewer: viewer,
            """
            <dl>
            <dt>E-mail</dt><dd><a href="mailto:\(person.email)">\(person.email)</a></dd>
            <dt>Phone</dt><dd>\(person.phone)</dd>
            <dt>Role</dt><dd>\(person.role.rawValue)</dd>
            <dt>Department</dt><dd>\(person.department)</dd>
            </dl>
            \(changes)
            """)
    }

    /// What this viewer may do with another person's record.
    private static func changes(_ person: Person, viewer: Person, purpose: String) -> HTML {
        let edit: HTML = "<p><a href=\"/people/\(person.id)/edit?purpose=\(purpose)\">Edit</a></p>"
        let roles: [HTML] = Role.allCases.map { role in
            "<option\(role == person.role ? " selected" : "")>\(role.rawValue)</option>"
        }
        let role: HTML = """
            <form method="post" action="/people/\(person.id)/role?purpose=\(purpose)">
            <label for="role">Role</label><select id="role" name="role">\(roles)</select> <button>Change the role</button>
            </form>
            """
        let remove: HTML = """
            <form method="post" action="/people/\(person.id)/remove?purpose=\(purpose)"><p><button>Remove from the directory</button></p></form>
            """
        return """
            \(viewer.role.opensEverything ? edit : "")
            \(viewer.role.grantsRoles ? role : "")
            \(viewer.role.managesPeople ? remove : "")
            """
    }

    static func form(_ person: Person, viewer: Person, purpose: String) -> HTML {
        Layout.page(
            "Edit \(person.name)", viewer: viewer,
            """
            <form method="post" action="/people/\(person.id)?purpose=\(purpose)">
            <label for="name">Name</label><input id="name" name="name" value="\(person.name)" autocomplete="off" required>
            <label for="email">E-mail</label><input id="email" name="email" type="email" value="\(person.email)" autocomplete="off" required>
            <label for="phone">Phone</label><input id="phone" name="phone" type="tel" value="\(person.phone)" autocomplete="off" required>
            <label for="birthday">Birthday</label><input id="birthday" name="birthday" type="date" value="\(person.birthday)" required>
            <label for="salary">Salary (euros a year)</label>
            <input id="salary" name="salary" value="\(person.salary)" inputmode="numeric" required>
            <label for="department">Department</label><input id="department" name="department" value="\(person.department)" required>
            <p><button>Save</button></p>
            </form>
            """)
    }
}
