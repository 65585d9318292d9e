"""Makes the panel's bitmap fonts from the Spleen fonts that Debian's package `fonts-spleen` installs.

Run by hand when the fonts change: `python fonts/convert.py [FOLDER OF spleen-*.pcf.gz]`.
"""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

from PIL.PcfFontFile import PcfFontFile

SIZES = ("5x8", "6x12", "8x16", "12x24", "16x32")
INSTALLED = Path("/usr/share/fonts/X11/misc")


def main(folder: Path) -> None:
    """Write spleen-SIZE.pil and .pbm beside this script."""
    for size in SIZES:
        with gzip.open(folder / f"spleen-{size}.pcf.gz") as file:
            font = PcfFontFile(io.BytesIO(file.read()), charset_encoding="iso8859-1")
        font.save(str(Path(__file__).parent / f"spleen-{size}"))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else INSTALLED)
