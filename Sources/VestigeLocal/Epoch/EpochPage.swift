import CSharedPage
import Glibc
import VestigeCrypto

/// The file `epoch` of a data directory, mapped into every process that has it open.
///
/// ```
/// 0   magic "VSTGEPOC"   8  version u32   12 slots u32   16 vault id (16)
/// 32  epoch u64          40 bell u32      44 answers u32
/// 64  256 slots of 64 bytes: pid u64, acknowledged u64, looked at u64 (milliseconds of the monotonic clock)
/// ```
/// Numbers are in the machine's own order: the page never leaves it and may be made anew whenever nobody lives in it. A slot belongs to
/// whoever holds the lock on its bytes, and the system lets go of that lock when they end, however they end. So no life is ever guessed
/// from a process id, which another process may bear by then or which means somebody else in another container.
final class EpochPage: Sendable {
    static let slotCount = 256
    private static let headerByteCount = 64
    private static let slotByteCount = 64
    private static let byteCount = headerByteCount + slotCount * slotByteCount
    private static let magic = Array("VSTGEPOC".utf8)
    private static let version: UInt32 = 1
    /// How long the lock on the header is waited for: it is held for the time of one claim, and by a process that gets no turn for as long.
    private static let patienceMilliseconds = 30_000

    private enum Place {
        static let epoch = 32
        static let bell = 40
        static let answers = 44
    }

    private let path: String
    private let descriptor: Int32
    /// Where the file is mapped. A number, since a pointer is not `Sendable`: all that is reached through it is atomic.
    private let address: UInt

    /// Opens the page, makes it where there is none, and makes it anew where it is damaged or of another vault, if nobody lives in it.
    /// Then claims a slot.
    ///
    /// - Throws: ``LocalError/epochPage(_:)``.
    static func join(_ path: String, vault: Bytes16) throws(LocalError) -> (page: EpochPage, slot: Int) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .epochPage("\(path) cannot be opened (errno \(errno)); nothing was opened, check the account") }
        let page: EpochPage
        do throws(LocalError) {
            try lockHeader(descriptor, path)
            if try !isWhole(descriptor, path, vault) { try makeAnew(descriptor, path, vault) }
            guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED else {
                throw .epochPage("\(path) cannot be mapped (errno \(errno)); nothing was opened, put the data on a local file system")
            }
            page = EpochPage(path: path, descriptor: descriptor, address: UInt(bitPattern: memory))
        } catch {
            close(descriptor)
            throw error
        }
        defer { page.unlockHeader() }
        return (page, try page.claim())
    }

    private init(path: String, descriptor: Int32, address: UInt) {
        self.path = path
        self.descriptor = descriptor
        self.address = address
    }

    deinit {
        munmap(memory(at: 0), Self.byteCount)
        close(descriptor)
    }

    // MARK: The number

    /// One atomic load.
    var epoch: UInt64 { vestige_page_load(memory(at: Place.epoch)) }

    /// Raises the epoch by one at least and to `least` at least.
    func raise(atLeast least: UInt64) -> UInt64 { vestige_page_raise(memory(at: Place.epoch), least) }

    // MARK: Bells

    var bell: UInt32 { vestige_bell_heard(memory(at: Place.bell)) }
    var answers: UInt32 { vestige_bell_heard(memory(at: Place.answers)) }

    func ringBell() { vestige_bell_ring(memory(at: Place.bell)) }
    func ringAnswers() { vestige_bell_ring(memory(at: Place.answers)) }
    func awaitBell(after heard: UInt32, milliseconds: UInt32) { vestige_bell_wait(memory(at: Place.bell), heard, milliseconds) }
    func awaitAnswers(after heard: UInt32, milliseconds: UInt32) { vestige_bell_wait(memory(at: Place.answers), heard, milliseconds) }

    // MARK: Slots

    /// Takes the first slot whose lock is free. What it acknowledges is read after the lock is had: whoever raises the epoch later finds
    /// the slot taken and waits for it.
    private func claim() throws(LocalError) -> Int {
        for slot in 0..<Self.slotCount {
            switch vestige_range_lock(descriptor, offset(slot), Int64(Self.slotByteCount), 0) {
            case 0:
                vestige_page_store(memory(of: slot, 0), UInt64(getpid()))
                vestige_page_store(memory(of: slot, 8), epoch)
                look(in: slot)
                return slot
            case EAGAIN, EACCES: continue
            case let code:
                throw .epochPage("\(path) cannot be locked (errno \(code)); nothing was opened, put the data on a local file system")
            }
        }
        throw .epochPage(
            "\(Self.slotCount) processes have this vault open, which is the most there can be; nothing was opened, end one of them first")
    }

    func release(_ slot: Int) {
        vestige_page_store(memory(of: slot, 0), 0)
        _ = vestige_range_unlock(descriptor, offset(slot), Int64(Self.slotByteCount))
    }

    func acknowledged(in slot: Int) -> UInt64 { vestige_page_load(memory(of: slot, 8)) }
    func acknowledge(_ epoch: UInt64, in slot: Int) { vestige_page_store(memory(of: slot, 8), epoch) }

    /// Notes that the process of `slot` looked at the page just now.
    func look(in slot: Int) { vestige_page_store(memory(of: slot, 16), Self.milliseconds()) }

    /// Those who live here, with the moment of their last look; `own`, which no lock of ours shows, counts as living.
    func residents(own: Int) -> [(pid: Int32, lookedAt: UInt64)] {
        (0..<Self.slotCount).filter { $0 == own || isLocked($0) }.map { (pid(of: $0), vestige_page_load(memory(of: $0, 16))) }
    }

    /// Process ids of those who live here and have not acknowledged `epoch`, the one of slot `own` left out.
    func silent(before epoch: UInt64, own: Int) -> [Int32] {
        (0..<Self.slotCount).filter { $0 != own && acknowledged(in: $0) < epoch && isLocked($0) }.map(pid(of:))
    }

    private func pid(of slot: Int) -> Int32 { Int32(truncatingIfNeeded: vestige_page_load(memory(of: slot, 0))) }

    /// In doubt it is: an erasure rather waits in vain than passes somebody over.
    private func isLocked(_ slot: Int) -> Bool { vestige_range_is_locked(descriptor, offset(slot), Int64(Self.slotByteCount)) != 0 }

    // MARK: The file

    /// Whether the path still leads to this page and its fixed part is what it was: false once somebody removed or overwrote the file.
    func isInPlace(vault: Bytes16) -> Bool {
        var (ours, there) = (stat(), stat())
        guard fstat(descriptor, &ours) == 0, lstat(path, &there) == 0, ours.st_ino == there.st_ino, ours.st_dev == there.st_dev else {
            return false
        }
        return ours.st_size == Self.byteCount && (try? Self.isWhole(descriptor, path, vault)) == true
    }

    private func unlockHeader() { _ = vestige_range_unlock(descriptor, 0, Int64(Self.headerByteCount)) }

    private static func lockHeader(_ descriptor: Int32, _ path: String) throws(LocalError) {
        for _ in 0..<patienceMilliseconds {
            switch vestige_range_lock(descriptor, 0, Int64(headerByteCount), 0) {
            case 0: return
            case EAGAIN, EACCES: usleep(1_000)
            case let code:
                throw .epochPage("\(path) cannot be locked (errno \(code)); nothing was opened, put the data on a local file system")
            }
        }
        throw .epochPage(
            "another process is opening the vault and does not get on; nothing was opened, let it go on (kill -CONT) or end it")
    }

    private static func isWhole(_ descriptor: Int32, _ path: String, _ vault: Bytes16) throws(LocalError) -> Bool {
        var about = stat()
        guard fstat(descriptor, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw .epochPage("\(path) is not a plain file; nothing was opened, remove it")
        }
        let expected = fixedPart(vault)
        var found = [UInt8](repeating: 0, count: expected.count)
        return about.st_size == byteCount && pread(descriptor, &found, found.count, 0) == found.count && found == expected
    }

    private static func fixedPart(_ vault: Bytes16) -> [UInt8] {
        var bytes = magic
        withUnsafeBytes(of: (version, UInt32(slotCount))) { bytes.append(contentsOf: $0) }
        vault.append(to: &bytes)
        return bytes
    }

    private static func makeAnew(_ descriptor: Int32, _ path: String, _ vault: Bytes16) throws(LocalError) {
        let start = Int64(headerByteCount)
        guard vestige_range_lock(descriptor, start, 0, 0) == 0 else {
            throw .epochPage(
                "\(path) is damaged or belongs to another vault, and processes live by it; nothing was opened, stop every process on this "
                    + "data directory and start again")
        }
        defer { _ = vestige_range_unlock(descriptor, start, 0) }
        var bytes = fixedPart(vault)
        bytes += [UInt8](repeating: 0, count: byteCount - bytes.count)
        // Never cut short: a process that has left may still have the old bytes mapped, and touching what is not there would end it.
        guard fchmod(descriptor, 0o600) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count,
            ftruncate(descriptor, off_t(bytes.count)) == 0
        else {
            throw .epochPage("\(path) cannot be written (errno \(errno)); nothing was opened, check the disk")
        }
    }

    private func offset(_ slot: Int) -> Int64 { Int64(Self.headerByteCount + slot * Self.slotByteCount) }
    private func memory(of slot: Int, _ member: Int) -> UnsafeMutableRawPointer? { memory(at: Int(offset(slot)) + member) }
    private func memory(at place: Int) -> UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: address + UInt(place)) }

    private static func milliseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000 + UInt64(now.tv_nsec) / 1_000_000
    }
}
