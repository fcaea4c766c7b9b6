#if EvidencePacks
    import CZip

    /// ZIP files, by libzip.
    public enum ZIPArchive {
        public struct Member: Sendable {
            /// As it stands in the archive, with `/` between folders.
            public let name: String
            /// The file that it is read from.
            public let path: String

            public init(name: String, path: String) {
                self.name = name
                self.path = path
            }
        }

        /// Packs files in their order, compressed, with one time and mode for all, so that the same files make the same archive.
        /// Memory stays flat whatever their size.
        ///
        /// - Parameters:
        ///   - path: nothing may stand there; on an error nothing does.
        ///   - time: seconds since 1970.
        /// - Throws: ``PaperError/packing(_:)``
        public static func make(_ members: [Member], at path: String, time: Int) throws(PaperError) {
            var code: Int32 = 0
            guard let archive = zip_open(path, ZIP_CREATE | ZIP_EXCL, &code) else {
                var error = zip_error_t()
                zip_error_init_with_code(&error, code)
                defer { zip_error_fini(&error) }
                throw .packing(String(cString: zip_error_strerror(&error)))
            }
            for member in members {
                guard let source = zip_source_file(archive, member.path, 0, -1) else { throw abandon(archive) }
                let place = zip_file_add(archive, member.name, source, zip_flags_t(ZIP_FL_ENC_UTF_8))
                guard place >= 0 else {
                    zip_source_free(source)
                    throw abandon(archive)
                }
                // A regular file, readable by all and written by its owner.
                guard zip_file_set_mtime(archive, zip_uint64_t(place), time, 0) == 0,
                    zip_file_set_external_attributes(archive, zip_uint64_t(place), 0, zip_uint8_t(ZIP_OPSYS_UNIX), 0o100644 << 16) == 0
                else { throw abandon(archive) }
            }
            guard zip_close(archive) == 0 else { throw abandon(archive) }
        }

        private static func abandon(_ archive: OpaquePointer) -> PaperError {
            let message = String(cString: zip_strerror(archive))
            zip_discard(archive)
            return .packing(message)
        }
    }
#endif
