# Doxygen's input filter (sed -E): makes our plain comments those that it reads. A header's first comment documents the
# file, one above or behind a declaration documents that. Lines indented by three spaces, examples, become code. No line
# is added or removed, so that warnings have the right line numbers. In pages nothing of this occurs.
/^ *\/\//!s|([;,{(] +)// |\1///< |
s|^( *)//|\1///|
s|^( *///)   |\1     |
s|^#pragma once$|/// @file|
