"""A home with the demonstration's book: two scopes, a shipment with documents and claims, a certificate of a footprint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TELL = """
import sys
from pathlib import Path
from pcf.commands.demo_story import tell_story
from pcf.commands.options import load, user_data
from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
from pcf.store import open_database

outputs = Path(sys.argv[1])
write_sample(outputs / "sample.xlsx")
import_plant(outputs / "sample.xlsx", SAMPLE_YEAR, user_data(), replace=True)
tell_story(outputs, load(None), "en", lambda _: None, open_database(sys.argv[2]))
"""


def fill(home: Path, database: str) -> None:
    """Tell the story into a database; its keys, its plant and its certificate are in the home."""
    home.mkdir(parents=True)
    environment = {**os.environ, "PCF_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", TELL, str(home.parent), database], env=environment, check=True, capture_output=True)
