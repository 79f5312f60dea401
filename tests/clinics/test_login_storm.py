"""A storm of sign-ins does not eat the host: what the password hash costs when many are tried at once (P18)."""

import subprocess
import sys
from pathlib import Path
from typing import Any

AT_ONCE = 8
MOST_MIB = 400
ROOT = Path(__file__).resolve().parent.parent.parent
# In a process of its own, whose peak of memory is its own: hashes many passwords at once.
STORM = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from clinics.hashers import ClinicArgon2PasswordHasher

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

hasher, at_once = ClinicArgon2PasswordHasher(), int(sys.argv[1])
before = peak()
began = time.perf_counter()
with ThreadPoolExecutor(at_once) as pool:
    made = list(pool.map(lambda n: hasher.encode(f"correct horse {n}", hasher.salt()), range(at_once)))
took = time.perf_counter() - began
assert len(set(made)) == at_once
print((peak() - before) / 1024, at_once / took)
"""


def test_eight_sign_ins_at_once_stay_within_memory(record_property: Any) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORM, str(AT_ONCE)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    mib, per_second = (float(part) for part in done.stdout.split())
    record_property("login storm: MiB for 8 at once", round(mib))
    record_property("login storm: hashes a second", round(per_second, 1))
    assert 46 <= mib < MOST_MIB
