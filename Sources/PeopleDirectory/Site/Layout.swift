/// The frame around every page.
enum Layout {
    static func page(_ title: HTML, viewer: Person?, _ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) · People directory</title>
        <style>\(style)</style>
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <p class="name"><a href="/">People directory</a></p>
        \(navigation(viewer))
        </header>
        <main id="content">
        <h1>\(title)</h1>
        \(content)
        </main>
        <footer><p>Every look at a person's page is recorded, with its reason.</p></footer>
        </body>
        </html>

        """
    }

    private static func navigation(_ viewer: Person?) -> HTML {
        guard let viewer else { return "<nav aria-label=\"Main\"><a href=\"/sign-in\">Sign in</a></nav>" }
        return """
            <nav aria-label="Main"><a href="/people">My department</a> <a href="/hardware">Hardware</a> <a href="/people/\(viewer.id)">My page</a></nav>
            <form method="post" action="/sign-out"><span>\(viewer.name), \(viewer.role.rawValue)</span> <button>Sign out</button></form>
            """
    }

    private static let style: HTML = """
        :root{color-scheme:light dark;--ink:#1c2430;--paper:#fbfaf7;--line:#d5d2c8;--accent:#0b5a8f;--soft:#f0ede4}
        @media(prefers-color-scheme:dark){:root{--ink:#e8e6df;--paper:#14181d;--line:#3a414a;--accent:#7cc0ee;--soft:#1d232b}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:60rem;padding:0 1.25rem 3rem;font:1rem/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
        header{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center;padding:1rem 0;border-bottom:1px solid var(--line)}
        header form{margin-left:auto}.name{margin:0;font-weight:650}nav a{margin-right:1rem}
        a{color:var(--accent)}h1{font-size:1.6rem;line-height:1.25;margin:1.75rem 0 1rem}
        .skip{position:absolute;left:-999rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.4rem 1.5rem}dt{font-weight:600}dd{margin:0;overflow-wrap:anywhere}
        table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line)}
        ul.plain{list-style:none;padding:0;columns:16rem}ul.plain li{padding:.2rem 0}
        label{display:block;margin:.9rem 0 .2rem;font-weight:600}
        input,select,textarea,button{font:inherit;color:inherit;padding:.45rem .6rem;border:1px solid var(--line);border-radius:.3rem;background:var(--soft)}
        input,textarea{width:100%;max-width:32rem}button{cursor:pointer}
        :focus-visible{outline:3px solid var(--accent);outline-offset:2px}
        .error{border-left:4px solid #b3261e;padding:.5rem .9rem;background:var(--soft)}
        footer{margin-top:3rem;border-top:1px solid var(--line);font-size:.9rem}
        """
}
