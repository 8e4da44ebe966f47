"""framework/TUTORIAL.md as a list of parts, in order: ("step", number), ("file", path, text), ("sh", text), and
("text", text), which is expected output.

A file's block follows a line with its name: **`bikes/bike.hpp`**. Any other block of code belongs to no file.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "framework" / "TUTORIAL.md"
SOURCES = ROOT / "framework" / "tutorial"
PART = re.compile(r"^## Step (\d+)|^(?:\*\*`([^`\n]+)`\*\*\n\n)?```(\w+)\n(.*?)^```$", re.M | re.S)


def parts():
    for step, path, language, text in PART.findall(PAGE.read_text()):
        if step:
            yield "step", int(step)
        elif path:
            yield "file", path, text
        else:
            yield language, text
