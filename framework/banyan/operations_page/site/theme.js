// The chosen colours, before the first paint: not a module, because modules run after it.
try {
  const chosen = localStorage.getItem('banyan.operations.theme');
  if (chosen === 'dark' || chosen === 'light') document.documentElement.dataset.theme = chosen;
} catch {
  /* storage is refused: the system's choice */
}
