import Foundation
import TestSupport
import Testing
import VestigeLocal

@Suite("vestige backup and recover")
struct BackupCommandTests {
    private func looks(_ count: Int) -> String {
        (0..<count).map {
            #"{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"\#($0)"},"purpose":"support"}"# + "\n"
        }.joined()
    }

    /// A data directory with looks at so many people, and how to list what is not finished.
    private func directory(_ count: Int) async throws -> String {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("vestige-cli-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        let made = try await Program.shell(
            "vestige init --policy \"$POLICIES/people-directory.yaml\" >/dev/null && vestige record >/dev/null", in: scratch,
            input: looks(count))
        guard made.exit == 0 else { throw Unexpected(made.output) }
        return scratch
    }

    private func names(_ path: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

    @Test("print what was copied, for people and for programs, and hint at what is left to do")
    func printed() async throws {
        let scratch = try await directory(3)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let trail = try await Program.shell("vestige backup trail backups --json", in: scratch)
        #expect(trail.exit == 0 && trail.output.contains(#""what":"trail""#) && trail.output.contains(#""size":4"#), "\(trail.output)")
        let vault = try await Program.shell("vestige backup vault backups", in: scratch)
        #expect(vault.exit == 0 && vault.output.contains("under key") && vault.output.contains("within 35 days"), "\(vault.output)")
        #expect(names(scratch + "/backups").count == 4)
        let sums = try await Program.shell(
            "cd backups && for f in *.json; do grep -q $(sha256sum ${f%.json}.sqlite | cut -c1-64) $f || exit 1; done", in: scratch)
        #expect(sums.exit == 0)
        let entries = try await Program.shell("vestige entries --action trail.backed_up,key.backed_up --purpose audit", in: scratch)
        #expect(entries.output.contains("2 of 2 entries"), "\(entries.output)")
        let inside = try await Program.shell("vestige backup trail vestige-data/backups", in: scratch)
        #expect(inside.exit == 1 && inside.output.contains("is in the data directory; nothing was copied"))
        let nothing = try await Program.shell("vestige recover --from backups --case R-1 --yes", in: scratch)
        #expect(nothing.exit == 1 && nothing.output.contains("there is nothing to recover"), "\(nothing.output)")
        let unnamed = try await Program.shell("vestige recover --from backups", in: scratch)
        #expect(unnamed.exit == 2)
    }

    @Test("A full disk leaves no new copy, the old ones as they are, and the next one goes through")
    func fullDisk() async throws {
        let scratch = try await directory(400)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let good = try await Program.shell("vestige backup trail backups --json && vestige backup vault backups --json", in: scratch)
        #expect(good.exit == 0, "\(good.output)")
        let before = names(scratch + "/backups")
        let sums = try await Program.shell("cd backups && sha256sum *", in: scratch).output
        // No file may grow beyond 100 KiB: the write fails as on a full disk.
        for part in ["trail", "vault"] {
            let full = try await Program.shell("trap '' XFSZ; ulimit -f 200; vestige backup \(part) backups", in: scratch)
            #expect(full.exit == 1 && full.output.contains("error:"), "\(full.output)")
            #expect(names(scratch + "/backups") == before)
        }
        #expect(try await Program.shell("cd backups && sha256sum *", in: scratch).output == sums)
        let again = try await Program.shell("vestige backup trail backups && vestige backup vault backups && vestige verify", in: scratch)
        #expect(again.exit == 0, "\(again.output)")
        #expect(names(scratch + "/backups").count == before.count + 4)
    }

    @Test("Killed at any moment, a backup leaves nothing that looks like one; the next is whole and clears away the rest")
    func killedBackups() async throws {
        let scratch = try await directory(400)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        // The moments are spread over one run, however long this machine takes for it.
        let result = try await Program.shell(
            """
            set -u
            now() { date +%s%N; }
            began=$(now); vestige backup trail backups >/dev/null || exit 1; took=$(( ($(now) - began) / 1000000 ))
            for part in trail vault; do
                for step in 1 2 3 4 5 6 7; do
                    pause=$(printf '%d.%03d' $(( took * step / 8 / 1000 )) $(( took * step / 8 % 1000 )))
                    vestige backup $part backups >/dev/null & pid=$!
                    sleep $pause; kill -KILL $pid 2>/dev/null; wait $pid 2>/dev/null
                    for file in backups/*.sqlite; do
                        grep -q $(sha256sum $file | cut -c1-64) ${file%.sqlite}.json || { echo "not whole: $file"; exit 1; }
                    done
                done
            done
            vestige backup trail backups && vestige backup vault backups && vestige verify
            """, in: scratch)
        #expect(result.exit == 0, "\(result.output)")
        let left = names(scratch + "/backups")
        #expect(!left.contains { $0.contains("partial") }, "\(left)")
        for name in left where name.hasSuffix(".sqlite") { #expect(left.contains(name.replacing(".sqlite", with: ".json"))) }
    }

    @Test("Killed at any moment, a recovery leaves everything as it was or comes to its end when it is run again")
    func killedRecoveries() async throws {
        let scratch = try await directory(50)
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        let result = try await Program.shell(
            """
            set -u
            now() { date +%s%N; }
            vestige backup trail backups >/dev/null && echo '{"event":"read","actor":{"type":"user","id":"7"},"record":{"type":"user","id":"1"},"purpose":"support"}' | vestige record >/dev/null || exit 1
            rm vestige-data/trail.sqlite*
            cp -r vestige-data lost; cp -rp vestige-data.keyring lost.keyring
            began=$(now); vestige recover --from backups --case R-1 --yes >/dev/null 2>&1 || exit 2; took=$(( ($(now) - began) / 1000000 ))
            ended=0
            for step in 1 2 3 4 5 6 7 8 9 10 11 12; do
                rm -rf vestige-data vestige-data.keyring; cp -r lost vestige-data; cp -rp lost.keyring vestige-data.keyring
                pause=$(printf '%d.%03d' $(( took * step / 13 / 1000 )) $(( took * step / 13 % 1000 )))
                vestige recover --from backups --case R-1 --yes >/dev/null 2>&1 & pid=$!
                sleep $pause; kill -KILL $pid 2>/dev/null; wait $pid 2>/dev/null
                if vestige status >/dev/null 2>&1; then ended=$((ended + 1)); else
                    vestige status 2>&1 | grep -q 'vestige recover' || { vestige status; exit 3; }
                    vestige recover --from backups --case R-1 --yes >/dev/null 2>&1 || { vestige recover --from backups --case R-1 --yes; exit 4; }
                fi
                vestige verify >/dev/null || exit 5
                test "$(ls vestige-data.keyring | grep -c '^signing-0000000.$')" = 2 || { ls vestige-data.keyring; exit 6; }
                vestige who-viewed user/1 --trail 1 --purpose audit | grep -q '1 of 1 views' || exit 7
            done
            """, in: scratch)
        #expect(result.exit == 0, "\(result.exit): \(result.output)")
    }
}
