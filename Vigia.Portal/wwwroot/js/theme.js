// Runs before the first paint. A browser without a chosen theme gets the theme of its operating system. The server
// rendered this page without knowing that theme, so a dark one reloads the page once, or never if cookies are blocked.
(function () {
  // The server reads the cookie by the same name (CookieNames.cs).
  const secure = location.protocol === "https:";
  const name = `${secure ? "__Host-" : ""}vigia.theme`;
  const isThere = () => document.cookie.split("; ").some((cookie) => cookie.startsWith(`${name}=`));
  window.vigiaTheme = {
    remember(theme) {
      document.cookie = `${name}=${theme}; path=/; max-age=31536000; samesite=lax${secure ? "; secure" : ""}`;
    },
  };

  if (isThere()) return;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  vigiaTheme.remember(dark ? "dark" : "light");
  if (dark && isThere()) location.reload();
})();
