"""Where the bench keeps its configuration and its working files."""

from pathlib import Path

ROOT = Path(__file__).with_name("portal")
WORK = Path(__file__).with_name(".work")
INSTANCE = WORK / "instance"
