"""Counts a byte string in the memory of another process.

Usage: search_memory.py PID MASKED-HEX. Each byte of the string is given XOR 0xA5, so that neither a command line nor the process that
asks holds the string itself. Prints the count; exit 2 if the memory cannot be read.
"""
import sys


def main():
    pid, masked = sys.argv[1:]
    needle = bytes(byte ^ 0xA5 for byte in bytes.fromhex(masked))
    count = 0
    regions = 0
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            for line in maps:
                span, mode = line.split()[:2]
                if "r" not in mode or line.rstrip().endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")):
                    continue
                start, end = (int(number, 16) for number in span.split("-"))
                tail = b""
                while start < end:
                    memory.seek(start)
                    try:
                        chunk = memory.read(min(end - start, 1 << 24))
                    except OSError:
                        break
                    if not chunk:
                        break
                    regions += 1
                    count += (tail + chunk).count(needle)
                    tail = chunk[-(len(needle) - 1):]
                    start += len(chunk)
    except OSError as error:
        print(f"the memory of process {pid} cannot be read: {error}")
        sys.exit(2)
    if regions == 0:
        print(f"no memory of process {pid} could be read")
        sys.exit(2)
    print(count)


main()
