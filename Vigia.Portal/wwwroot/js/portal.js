// What the pages need from the browser and Blazor has no word for. No inline scripts anywhere: the content policy forbids them.
window.vigia = {
  setTheme(theme) {
    vigiaTheme.remember(theme);
    document.documentElement.dataset.theme = theme;
    document.querySelector('meta[name="color-scheme"]').content = theme;
  },

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without HTTPS there is no clipboard API; the old way still works.
      const area = document.createElement("textarea");
      area.value = text;
      area.style.position = "fixed";
      area.style.opacity = "0";
      (document.querySelector("dialog[open], .mud-dialog") ?? document.body).appendChild(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  },

  scrollIntoView(id) {
    document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  },

  focus(id) {
    document.getElementById(id)?.focus();
  },

  // Where the keyboard starts on a page that has just been drawn; whoever is already somewhere stays there.
  startAt(selector) {
    const target = document.querySelector(selector);
    if (target && [document.body, document.querySelector("h1")].includes(document.activeElement)) target.focus();
  },

  preference(name) {
    return localStorage.getItem(`vigia:${name}`);
  },

  remember(name, value) {
    localStorage.setItem(`vigia:${name}`, value);
  },

  setValue(id, value) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  },

  setHalfTicked(id, half) {
    const box = document.getElementById(id);
    if (box) box.indeterminate = half;
  },

  // What was typed survives a lost circuit and another page: forms with data-draft keep their fields in this tab until they are sent.
  draft(name) {
    return JSON.parse(sessionStorage.getItem(`draft:${name}`) ?? "null");
  },

  // What the form was made from (data-draft-base) when the first of it was typed.
  draftBase(name) {
    return sessionStorage.getItem(`draft-base:${name}`);
  },

  forgetDraft(name) {
    sessionStorage.removeItem(`draft:${name}`);
    sessionStorage.removeItem(`draft-base:${name}`);
  },
};

(function () {
  const typing = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
  const dialogOpen = () => document.querySelector(".mud-dialog, dialog[open]") !== null;

  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "k") {
      const search = document.querySelector("[data-shortcut='search']");
      if (search) {
        e.preventDefault();
        if (!dialogOpen()) search.click();
      }
      return;
    }

    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || dialogOpen()) return;

    if (e.key === "/") {
      const field = document.querySelector("[data-page-search] input, input[data-page-search]");
      const target = field ?? document.querySelector("[data-shortcut='search']");
      if (target) {
        e.preventDefault();
        field ? (field.focus(), field.select()) : target.click();
      }
    } else if (e.key === "?") {
      document.querySelector("[data-shortcut='keys']")?.click();
    }
  });

  document.addEventListener("input", (e) => {
    const form = e.target.closest?.("[data-draft]");
    if (!form || e.target.type === "password" || !e.target.id) return;
    const key = `draft:${form.dataset.draft}`;
    const fields = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    fields[e.target.id] = e.target.type === "checkbox" ? String(e.target.checked) : e.target.value;
    sessionStorage.setItem(key, JSON.stringify(fields));
    const base = `draft-base:${form.dataset.draft}`;
    if (form.dataset.draftBase && sessionStorage.getItem(base) === null) sessionStorage.setItem(base, form.dataset.draftBase);
  });

  // Drafts are the person's who typed them: nobody finds them after signing out, wherever the person did it and in whichever tab they lie.
  const forgetDrafts = () => {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith("draft:") || key.startsWith("draft-base:")) sessionStorage.removeItem(key);
    }
  };
  const signOuts = new BroadcastChannel("vigia.sign-out");
  signOuts.onmessage = forgetDrafts;
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("#sign-out, .lock-out")) return;
    forgetDrafts();
    signOuts.postMessage("");
  });

  // Back comes back to where one was: the page is drawn after the browser has tried, so it is scrolled when it is long enough again.
  // A page without a circuit is there at once: the browser knows its places, and its anchors.
  function keepPlaces() {
    const places = JSON.parse(sessionStorage.getItem("vigia:places") ?? "{}");
    let returning = 0;
    history.scrollRestoration = "manual";
    document.addEventListener("scroll", () => { if (!returning) places[location.href] = Math.round(scrollY); }, { passive: true });
    addEventListener("pagehide", () => sessionStorage.setItem("vigia:places", JSON.stringify(places)));
    addEventListener("popstate", () => {
      const wanted = places[location.href] ?? 0;
      const until = performance.now() + 3000;
      cancelAnimationFrame(returning);
      const step = () => {
        scrollTo(0, wanted);
        returning = Math.abs(scrollY - wanted) > 1 && performance.now() < until ? requestAnimationFrame(step) : 0;
      };
      returning = requestAnimationFrame(step);
    });
    for (const hand of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(hand, () => { cancelAnimationFrame(returning); returning = 0; }, { passive: true });
    }
  }

  if (document.getElementById("boot")) keepPlaces();

  // The address to come back to is the one in the bar, also when the page changed it without drawing the form again.
  document.addEventListener("submit", (e) => {
    if (!e.target.matches("[data-return-here]")) return;
    const field = e.target.querySelector("input[name='returnUrl']");
    if (field) field.value = location.pathname + location.search;
  });

  // A page made for paper.
  document.addEventListener("click", (e) => {
    if (e.target.closest?.("[data-print]")) print();
  });

  // Account pages: show what was typed into a password field.
  document.addEventListener("click", (e) => {
    const button = e.target.closest?.("[data-reveal]");
    if (!button) return;
    const field = document.getElementById(button.dataset.reveal);
    const show = field.type === "password";
    field.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? button.dataset.hideText : button.dataset.showText;
    field.focus();
  });
})();
