// Runs before the first paint. A browser that never chose a theme gets the one its system uses; the answer that is being read was made
// without knowing it, so it is asked for again, once (never when cookies are refused).
(function () {
  if (/(?:^|; )vigia\.theme=/.test(document.cookie)) return;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  document.cookie = `vigia.theme=${dark ? "dark" : "light"}; path=/; max-age=31536000; samesite=lax`;
  if (dark && /(?:^|; )vigia\.theme=/.test(document.cookie)) location.reload();
})();
