/// The pages about devices.
enum HardwarePages {
    static func list(_ devices: [(id: String, serial: String, model: String)], viewer: Person) -> HTML {
        let rows: [HTML] = devices.map { device in
            "<tr><td><a href=\"/hardware/\(device.id)?purpose=inventory\">\(device.serial)</a></td><td>\(device.model)</td></tr>\n"
        }
        return Layout.page(
            "Hardware", viewer: viewer,
            """
            <table>
            <thead><tr><th scope="col">Serial</th><th scope="col">Model</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            """)
    }

    static func device(_ device: Hardware, holder: Person?, viewer: Person, purpose: String) -> HTML {
        let holder: HTML = holder.map { "<a href=\"/people/\($0.id)?purpose=\(purpose)\">\($0.name)</a>" } ?? "nobody"
        let edit: HTML = "<p><a href=\"/hardware/\(device.id)/edit?purpose=\(purpose)\">Edit</a></p>"
        return Layout.page(
            "\(device.serial)", viewer: viewer,
            """
            <dl><dt>Model</dt><dd>\(device.model)</dd><dt>Assigned to</dt><dd>\(holder)</dd></dl>
            \(viewer.role.opensEverything ? edit : "")
            """)
    }

    static func form(_ device: Hardware, viewer: Person, purpose: String) -> HTML {
        Layout.page(
            "Edit \(device.serial)", viewer: viewer,
            """
            <form method="post" action="/hardware/\(device.id)?purpose=\(purpose)">
            <label for="serial">Serial</label><input id="serial" name="serial" value="\(device.serial)">
            <label for="model">Model</label><input id="model" name="model" value="\(device.model)">
            <label for="assigned">Assigned to (number of a person)</label>
            <input id="assigned" name="assigned_to" value="\(device.assignedTo ?? "")" inputmode="numeric">
            <p><button>Save</button></p>
            </form>
            """)
    }
}
