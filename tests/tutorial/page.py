"""framework/TUTORIAL.md as a list of parts, in order: ("step", number), ("way", heading), ("file", path, text),
("sh", text), and ("text", text), which is expected output.

What follows a way's heading, until the next way or step, is for those who have Banyan in this way. A file's block follows
a line with its name: **`bikes/bike.hpp`**. Any other block of code belongs to no file.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "framework" / "TUTORIAL.md"
SOURCES = ROOT / "framework" / "tutorial"
PART = re.compile(r"^## Step (\d+)|^### ([^\n]+)$|^(?:\*\*`([^`\n]+)`\*\*\n\n)?```(\w+)\n(.*?)^```$", re.M | re.S)


def parts():
    for step, way, path, language, text in PART.findall(PAGE.read_text()):
        if step:
            yield "step", int(step)
        elif way:
            yield "way", way
        elif path:
            yield "file", path, text
        else:
            yield language, text
