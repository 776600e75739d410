// Runs before the first paint. A browser that never chose a theme gets the one its system uses; the answer that is
// being read was made without knowing it, so it is asked for again, once (never when cookies are refused).
(function () {
  // The server looks for it under the same name (CookieNames.cs).
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
