"""The line of a file in assets/data/manifest.json, written by the tools that make such files."""

import hashlib
import json
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "assets/data"


def promise(path, attribution, origin, licence="Apache-2.0"):
    "Write the line of an embedded file that we made: size, SHA-256, licence, attribution, origin."
    listed, content = DATA / "manifest.json", path.read_bytes()
    manifest = json.loads(listed.read_text(encoding="utf-8"))
    manifest[path.relative_to(DATA).as_posix()] = {
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": licence,
        "attribution": attribution,
        "origin": origin,
    }
    listed.write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
