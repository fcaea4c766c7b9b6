#if EvidencePacks
    import CPango
    import Glibc

    /// Documents as PDF, A4 upright: Pango sets the lines, Cairo draws them.
    public enum PDF {
        /// In points, 72 to the inch.
        private static let (width, height) = (595.28, 841.89)
        private static let margin = 56.0
        private static let factColumn = 130.0
        private static let footRoom = 30.0

        /// Draws a document.
        ///
        /// - Parameters:
        ///   - path: written anew.
        ///   - created: ISO 8601, for the file's own description.
        /// - Throws: ``PaperError/drawing(_:)``
        public static func draw(_ document: PaperDocument, to path: String, created: String) throws(PaperError) {
            guard let surface = cairo_pdf_surface_create(path, width, height) else { throw .drawing("no surface") }
            defer { cairo_surface_destroy(surface) }
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document.title)
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Vestige")
            cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created)
            guard let context = cairo_create(surface) else { throw .drawing("no context") }
            defer { cairo_destroy(context) }
            var sheet = Sheet(context, foot: document.foot)
            sheet.text(document.title, Style(size: 18, isBold: true, below: 10))
            for block in document.blocks {
                switch block {
                case .heading(let text): sheet.text(text, Style(size: 12, isBold: true, above: 10, below: 4, keepsWithNext: true))
                case .paragraph(let text): sheet.text(text, Style(size: 10, below: 6))
                case .code(let text): sheet.text(text, Style(family: "monospace", size: 8.5, below: 6, breaksAnywhere: true))
                case .facts(let facts): for fact in facts { sheet.fact(fact) }
                }
            }
            sheet.finish()
            cairo_surface_finish(surface)
            let status = cairo_surface_status(surface)
            guard status == CAIRO_STATUS_SUCCESS else { throw .drawing(String(cString: cairo_status_to_string(status))) }
        }

        private struct Style {
            var family = "sans"
            var size = 10.0
            var isBold = false
            var above = 0.0
            var below = 0.0
            var keepsWithNext = false
            var breaksAnywhere = false
        }

        /// The pages, written from top to bottom.
        private struct Sheet {
            private let context: OpaquePointer
            private let foot: String
            private var top = margin
            private var page = 1

            init(_ context: OpaquePointer, foot: String) {
                self.context = context
                self.foot = foot
            }

            private var bottom: Double { height - margin - footRoom }

            mutating func text(_ text: String, _ style: Style) {
                top += top > margin ? style.above : 0
                let layout = layout(text, style, width: width - 2 * margin)
                defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
                // A heading alone at a page's end is of no use.
                if style.keepsWithNext, top + 40 > bottom { turn() }
                draw(layout, at: margin)
                top += style.below
            }

            mutating func fact(_ fact: PaperDocument.Fact) {
                let name = layout(fact.name, Style(size: 10, isBold: true), width: factColumn - 8)
                let value = layout(fact.value, Style(size: 10), width: width - 2 * margin - factColumn)
                defer {
                    g_object_unref(UnsafeMutableRawPointer(name))
                    g_object_unref(UnsafeMutableRawPointer(value))
                }
                if top + 14 > bottom { turn() }
                let (start, startPage) = (top, page)
                draw(name, at: margin)
                let nameEnd = top
                if page == startPage { top = start }
                draw(value, at: margin + factColumn)
                if page == startPage { top = max(top, nameEnd) }
                top += 3
            }

            /// Line by line, since any of them may be the first of a page.
            private mutating func draw(_ layout: OpaquePointer, at left: Double) {
                for number in 0..<pango_layout_get_line_count(layout) {
                    guard let line = pango_layout_get_line_readonly(layout, number) else { continue }
                    var extents = PangoRectangle()
                    pango_layout_line_get_extents(line, nil, &extents)
                    let lineHeight = Double(extents.height) / Double(PANGO_SCALE)
                    if top + lineHeight > bottom { turn() }
                    cairo_move_to(context, left, top - Double(extents.y) / Double(PANGO_SCALE))
                    pango_cairo_show_layout_line(context, line)
                    top += lineHeight
                }
            }

            private func layout(_ text: String, _ style: Style, width: Double) -> OpaquePointer {
                // Both return what is there or end the process for want of memory, as their documentation says.
                let layout: OpaquePointer = pango_cairo_create_layout(context)
                let font = pango_font_description_new()
                pango_font_description_set_family(font, style.family)
                pango_font_description_set_absolute_size(font, style.size * Double(PANGO_SCALE))
                pango_font_description_set_weight(font, style.isBold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL)
                pango_layout_set_font_description(layout, font)
                pango_font_description_free(font)
                pango_layout_set_width(layout, Int32(width * Double(PANGO_SCALE)))
                pango_layout_set_wrap(layout, style.breaksAnywhere ? PANGO_WRAP_CHAR : PANGO_WRAP_WORD_CHAR)
                pango_layout_set_text(layout, text, Int32(text.utf8.count))
                return layout
            }

            private mutating func turn() {
                drawFoot()
                cairo_show_page(context)
                page += 1
                top = margin
            }

            mutating func finish() {
                drawFoot()
                cairo_show_page(context)
            }

            private func drawFoot() {
                let layout = layout("\(foot) · \(page)", Style(size: 8), width: width - 2 * margin)
                defer { g_object_unref(UnsafeMutableRawPointer(layout)) }
                cairo_move_to(context, margin, height - margin)
                pango_cairo_show_layout(context, layout)
            }
        }
    }
#endif
