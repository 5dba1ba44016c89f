"""Opens each sealed value of the cases on standard input, and seals its value in turn.

The argument is a folder with kubesealpy.
"""

import json
import sys
from base64 import b64decode, b64encode

sys.path.insert(0, sys.argv[1])

from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from kubesealpy.crypto import decrypt, encrypt

for line in sys.stdin:
    case = json.loads(line)
    label = case["label"].encode()
    private = load_der_private_key(b64decode(case["private"]), None)
    public = load_der_public_key(b64decode(case["public"]))
    opened = decrypt(b64decode(case["sealed"]), private, label)
    sealed = encrypt(b64decode(case["value"]), public, label)
    print(json.dumps({"opened": b64encode(opened).decode(), "sealed": b64encode(sealed).decode()}))
