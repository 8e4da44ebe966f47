# Links within a page lose their target: Doxygen 1.9.4 does not know the ids that GitHub gives to headings.
s/\[([^]]*)\]\(#[^)]*\)/\1/g
